// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// Pictures that a user names, by file or by folder.
public enum PictureList {
  /// The endings of pictures in folders; files that are named themselves need none.
  static let endings = ["jpg", "jpeg", "jpe", "png"]

  /// All files that the paths name: a file itself, of a folder all pictures in and below it, by name.
  ///
  /// - Throws: where a path is not there, or a folder holds no picture.
  public static func files(at paths: [String]) throws(DatasetError) -> [String] {
    var files: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
        throw DatasetError(file: path, rule: "does not exist")
      }
      guard isFolder.boolValue else {
        files.append(path)
        continue
      }
      let below = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
      let pictures = below.filter { name in
        let parts = name.split(separator: "/")
        return !parts.contains { $0.hasPrefix(".") }
          && endings.contains((name as NSString).pathExtension.lowercased())
      }
      guard !pictures.isEmpty else {
        throw DatasetError(file: path, rule: "must hold a JPEG or PNG picture")
      }
      files += pictures.sorted().map { "\(path)/\($0)" }
    }
    return files
  }

  /// Pictures without labels, as a set whose labels mean nothing.
  public static func unlabelled(
    _ files: [String], _ preprocessing: PicturePreprocessing
  ) -> ImageSet {
    let size = preprocessing.size
    return ImageSet(
      size: ImageSize(height: size, width: size, channels: 3), classNames: ["unknown"],
      labels: Array(repeating: 0, count: files.count),
      pixels: .files(PictureFiles(folder: "", names: files, preprocessing: preprocessing)))
  }

  /// All pictures of `FOLDER/CLASS/*`.
  ///
  /// Without names, the folders in order are the network's classes, and there must be as many. With
  /// names, a folder may be called by a class's identifier or name, and classes may be missing.
  /// - Throws: where a folder is no class, or a file no picture.
  public static func labelled(
    folder: String, _ preprocessing: PicturePreprocessing, classes: Int, names: ClassNames?
  ) throws(DatasetError) -> ImageSet {
    let scan = ImageFolder.Scan(path: folder)
    let folders = try scan.folders(in: "")
    var entries = try scan.entries(in: "", classes: folders)
    if let names {
      var labels: [Int] = []
      for name in folders {
        guard let label = names.label(of: name) else {
          let nearest = Spelling.nearest(to: name, among: names.identifiers + names.names)
          let hint = nearest.map { " (did you mean \"\($0)\"?)" } ?? ""
          throw DatasetError(
            file: "\(folder)/\(name)", rule: "must be the identifier or name of a class\(hint)")
        }
        labels.append(label)
      }
      for index in entries.indices { entries[index].label = labels[entries[index].label] }
    } else if folders.count != classes {
      throw DatasetError(
        file: folder, value: "has \(folders.count) folders",
        rule: "must have one for each of the network's \(classes) classes, or --class-names")
    }
    guard !entries.isEmpty else {
      throw DatasetError(file: folder, rule: "must hold a picture")
    }
    return ImageSet(
      size: ImageSize(height: preprocessing.size, width: preprocessing.size, channels: 3),
      classNames: names?.names ?? folders, labels: entries.map(\.label),
      pixels: .files(
        PictureFiles(
          folder: folder, names: entries.map(\.name), preprocessing: preprocessing)))
  }
}
