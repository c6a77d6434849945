// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Settings

/// Pictures that a user names, by file or by folder.
public enum PictureList {
  /// The endings of pictures in folders; files that are named themselves need none.
  static let endings = ["jpg", "jpeg", "jpe", "png"]

  /// Whether a file in a folder is a picture by its ending.
  static func isPicture(_ name: String) -> Bool {
    let parts = name.lowercased().split(separator: ".", omittingEmptySubsequences: false)
    return parts.count > 1 && endings.contains(String(parts[parts.count - 1]))
  }

  /// All files that the paths name: a file itself, of a folder all pictures in and below it, by name.
  ///
  /// - Returns: the files, and what lies beside them that is no picture by its ending.
  /// - Throws: where a path is not there, or a folder holds no picture.
  public static func files(
    at paths: [String]
  ) throws(DatasetError) -> (pictures: [String], passedOver: [String]) {
    var found: (pictures: [String], passedOver: [String]) = ([], [])
    for path in paths {
      guard try FolderListing.status(path).st_mode & S_IFMT == S_IFDIR else {
        found.pictures.append(path)
        continue
      }
      var below: (pictures: [String], passedOver: [String]) = ([], [])
      try collect(FolderListing(path), as: "", &below)
      guard !below.pictures.isEmpty else {
        throw DatasetError(file: path, rule: "must hold a JPEG or PNG picture")
      }
      found.pictures += below.pictures.sorted(by: FileName.precedes).map { "\(path)/\($0)" }
      found.passedOver += below.passedOver.map { "\(path)/\($0)" }
    }
    return found
  }

  private static func collect(
    _ folder: FolderListing, as name: String,
    _ found: inout (pictures: [String], passedOver: [String])
  ) throws(DatasetError) {
    let (pictures, others) = (
      folder.files.filter { isPicture($0.name) }, folder.files.filter { !isPicture($0.name) }
    )
    found.pictures += pictures.map { name + $0.name }
    found.passedOver += (folder.passedOver + others.map(\.name)).map { name + $0 }
    for deeper in folder.folders {
      try collect(folder.folder(deeper), as: "\(name)\(deeper)/", &found)
    }
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
  /// - Returns: the pictures, and what lies beside them that is passed over, relative to the folder.
  /// - Throws: where a folder is no class, or a file no picture.
  public static func labelled(
    folder: String, _ preprocessing: PicturePreprocessing, classes: Int, names: ClassNames?
  ) throws(DatasetError) -> (set: ImageSet, passedOver: [String]) {
    var scan = try ClassFolders(folder)
    let folders = try scan.classes(in: nil)
    var entries = try scan.entries(in: nil, classes: folders)
    if let names {
      var labels: [Int] = []
      for name in folders { labels.append(try names.label(ofFolder: name, in: folder)) }
      for index in entries.indices { entries[index].label = labels[entries[index].label] }
    } else if folders.count != classes {
      throw DatasetError(
        file: folder, value: "has \(folders.count) folders",
        rule: "must have one for each of the network's \(classes) classes, or --class-names")
    }
    guard !entries.isEmpty else {
      throw DatasetError(file: folder, rule: "must hold a picture")
    }
    let set = ImageSet(
      size: ImageSize(height: preprocessing.size, width: preprocessing.size, channels: 3),
      classNames: names?.names ?? folders, labels: entries.map(\.label),
      pixels: .files(
        PictureFiles(
          folder: folder, names: entries.map(\.name), preprocessing: preprocessing)))
    return (set, scan.passedOver)
  }
}
