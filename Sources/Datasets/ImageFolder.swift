// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams

/// What lies in a folder of pictures: one sub-folder a class, the name being the class.
///
/// Two layouts: `DIR/train/CLASS/*.jpg` with `DIR/test/CLASS/*` (or `val`, or both: `val` is then
/// the validation set), or `DIR/CLASS/*.jpg` alone, out of which a share of every class, chosen by
/// the seed, becomes the test set. Names that begin with a dot are left out; everything else must be
/// a picture by its ending.
///
/// Only names and sizes are looked at; pictures are decoded when a batch asks for them.
public struct ImageFolder: Sendable {
  /// One picture.
  struct Entry: Sendable {
    /// Relative to the folder.
    var name: String
    var label: Int
    var bytes: Int
  }

  public let path: String
  /// Sorted.
  public let classNames: [String]
  let train: [Entry]
  let validation: [Entry]?
  let test: [Entry]
  /// A hash of the names and sizes of all pictures: what the run's identity knows of them. A picture
  /// replaced by another of the same name and size is not noticed.
  let fingerprint: UInt64

  private static let validationNames = ["val", "validation"]

  /// Looks at a folder.
  ///
  /// - Throws: where it has another layout, or a file that is no picture, with its name.
  init(path: String, _ options: ImageFolderOptions, seed: Int) throws(DatasetError) {
    self.path = path
    let scan = Scan(path: path)
    let folders = try scan.folders(in: "")
    if folders.contains("train") {
      let parts = try Self.parts(of: path, folders, options)
      let names = try scan.folders(in: "train")
      classNames = names
      train = try scan.entries(in: "train", classes: names)
      test = try scan.entries(in: parts.test, classes: names)
      validation = try parts.validation.map { part throws(DatasetError) in
        try scan.entries(in: part, classes: names)
      }
    } else {
      classNames = folders
      let all = try scan.entries(in: "", classes: folders)
      (train, test) = Self.split(
        all, classes: folders.count, fraction: options.testFraction ?? 0.2, seed: seed)
      validation = nil
    }
    fingerprint = Self.fingerprint(classNames, [train, validation ?? [], test])
    try checkClasses()
  }

  /// The folders of the test and validation pictures beside `train`.
  private static func parts(
    of path: String, _ folders: [String], _ options: ImageFolderOptions
  ) throws(DatasetError) -> (test: String, validation: String?) {
    func refusal(_ rule: String) -> DatasetError {
      DatasetError(file: path, value: "has a folder train", rule: rule)
    }
    guard options.testFraction == nil else {
      throw refusal("must not be given a testFraction then")
    }
    let others = validationNames.filter(folders.contains)
    guard others.count < 2 else { throw refusal("must have either val or validation beside it") }
    if folders.contains("test") { return ("test", others.first) }
    guard let only = others.first else { throw refusal("must have test or val beside it") }
    return (only, nil)
  }

  private func checkClasses() throws(DatasetError) {
    guard classNames.count >= 2 else {
      throw DatasetError(
        file: path, value: "has \(classNames.count) folder\(classNames.count == 1 ? "" : "s")",
        rule: "must have train and test, or a folder for each of at least two classes")
    }
    let trained = Set(train.map(\.label))
    if let lacking = classNames.indices.first(where: { !trained.contains($0) }) {
      throw DatasetError(
        file: path, value: "class \(classNames[lacking])", rule: "must have a training picture")
    }
    guard !test.isEmpty else { throw DatasetError(file: path, rule: "must have a test picture") }
  }

  /// A share of every class, rounded to whole pictures, at least one and never all.
  private static func split(
    _ entries: [Entry], classes: Int, fraction: Double, seed: Int
  ) -> (train: [Entry], test: [Entry]) {
    var (train, test) = ([Entry](), [Entry]())
    let byClass = Dictionary(grouping: entries, by: \.label)
    for label in 0..<classes {
      let own = byClass[label] ?? []
      var stream = RandomStream(seed: UInt64(seed), "test-split", label)
      let wanted = Int((Double(own.count) * fraction).rounded())
      let count = max(0, min(max(1, wanted), own.count - 1))
      let taken = Set(stream.permutation(of: own.count).prefix(count))
      for (index, entry) in own.enumerated() {
        if taken.contains(index) { test.append(entry) } else { train.append(entry) }
      }
    }
    return (train, test)
  }

  /// FNV-1a over names, sizes and the parts that they are in.
  private static func fingerprint(_ classes: [String], _ parts: [[Entry]]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    func add(_ text: String) {
      for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
      hash = (hash ^ 0xFF) &* 0x100_0000_01B3
    }
    classes.forEach(add)
    for part in parts {
      add("\(part.count)")
      for entry in part { add("\(entry.name) \(entry.bytes)") }
    }
    return hash
  }

  /// Walks through the folders.
  struct Scan {
    let path: String

    /// The visible folders in a part, sorted; a visible file among them is an error.
    func folders(in part: String) throws(DatasetError) -> [String] {
      let names = try names(in: part)
      for name in names {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: place(part, name), isDirectory: &isFolder)
        guard isFolder.boolValue else {
          throw DatasetError(
            file: place(part, name), value: "is a file among the classes",
            rule: "must be a folder, or begin with a dot to be left out")
        }
      }
      return names
    }

    /// The pictures of a part, class after class, by name.
    func entries(in part: String, classes: [String]) throws(DatasetError) -> [Entry] {
      for name in try folders(in: part) where !classes.contains(name) {
        throw DatasetError(
          file: place(part, name), rule: "must be one of the classes that train has")
      }
      var entries: [Entry] = []
      for (label, name) in classes.enumerated() {
        let folder = part.isEmpty ? name : "\(part)/\(name)"
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
          atPath: "\(path)/\(folder)", isDirectory: &isFolder)
        // A class may be missing from the test pictures.
        if !exists { continue }
        for file in try names(in: folder) {
          let ending = (file as NSString).pathExtension.lowercased()
          guard PictureList.endings.contains(ending) else {
            throw DatasetError(
              file: "\(path)/\(folder)/\(file)",
              rule:
                "must be a picture that ends in .\(PictureList.endings.joined(separator: ", .")), or "
                + "begin with a dot to be left out")
          }
          let bytes = try FileSize.of("\(path)/\(folder)/\(file)")
          entries.append(Entry(name: "\(folder)/\(file)", label: label, bytes: bytes))
        }
      }
      return entries
    }

    private func place(_ part: String, _ name: String) -> String {
      part.isEmpty ? "\(path)/\(name)" : "\(path)/\(part)/\(name)"
    }

    private func names(in part: String) throws(DatasetError) -> [String] {
      let folder = part.isEmpty ? path : "\(path)/\(part)"
      guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
        throw DatasetError(file: folder, rule: "must be a folder that can be read")
      }
      return names.filter { !$0.hasPrefix(".") }.sorted()
    }
  }
}

extension ImageFolder: Hashable {
  public static func == (first: ImageFolder, second: ImageFolder) -> Bool {
    first.path == second.path && first.fingerprint == second.fingerprint
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(path)
    hasher.combine(fingerprint)
  }
}
