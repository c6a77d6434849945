// SPDX-License-Identifier: Apache-2.0

import Pictures

/// Folders of which each is a class, and the pictures in them.
///
/// A class's name is its folder's; the classes are in the order of `FileName.precedes`. Every visible
/// file must be a picture by its ending, but for those that `FolderListing` passes over.
struct ClassFolders {
  let root: FolderListing
  private var passed: [String] = []

  /// - Throws: where the folder cannot be read.
  init(_ path: String) throws(DatasetError) {
    root = try FolderListing(path)
    passed = root.passedOver
  }

  /// What was passed over so far, relative to the root.
  var passedOver: [String] { passed }

  /// Takes note that the root is split into parts: other folders beside them are passed over.
  mutating func noteParts() { passed += Part.others(in: root).map { "\($0)/" } }

  /// The classes in a part of the root, nil being all of it.
  ///
  /// - Throws: where a file lies among them, or two have names that look the same.
  mutating func classes(in part: String?) throws(DatasetError) -> [String] {
    let listing = try listing(of: part)
    if let file = listing.files.first {
      throw DatasetError(
        file: "\(listing.path)/\(file.name)", value: "is a file among the classes",
        rule: "must be a folder, or begin with a dot to be left out")
    }
    // Texts are equal where they look the same, whatever their code points.
    var seen: Set<String> = []
    for name in listing.folders where !seen.insert(name).inserted {
      throw DatasetError(
        file: "\(listing.path)/\(name)",
        value: "looks like another folder there, written with other code points",
        rule: "must have a name of its own")
    }
    return listing.folders
  }

  /// The pictures of a part, class after class, by name; a class may be missing from it.
  ///
  /// - Throws: where a folder is no class, or a file no picture.
  mutating func entries(
    in part: String?, classes: [String]
  ) throws(DatasetError) -> [ImageFolder.Entry] {
    let listing = try listing(of: part)
    let folders = try self.classes(in: part)
    for name in folders where !classes.contains(name) {
      throw DatasetError(
        file: "\(listing.path)/\(name)", rule: "must be one of the classes that train has")
    }
    var entries: [ImageFolder.Entry] = []
    for (label, name) in classes.enumerated() {
      // Its own name, which may be another form of the class's.
      guard let own = folders.first(where: { $0 == name }) else { continue }
      let folder = part.map { "\($0)/\(own)" } ?? own
      let contents = try listing.folder(own)
      entries += try pictures(of: contents).map { file in
        ImageFolder.Entry(name: "\(folder)/\(file.name)", label: label, bytes: file.bytes)
      }
      passed += contents.passedOver.map { "\(folder)/\($0)" }
    }
    return entries
  }

  private func pictures(
    of folder: FolderListing
  ) throws(DatasetError) -> [(name: String, bytes: Int)] {
    let rule =
      "must be a picture that ends in .\(PictureList.endings.joined(separator: ", .")), or "
      + "begin with a dot to be left out"
    if let deeper = folder.folders.first {
      _ = try folder.folder(deeper)
      throw DatasetError(
        file: "\(folder.path)/\(deeper)", value: "is a folder in that of a class", rule: rule)
    }
    for file in folder.files where !PictureList.isPicture(file.name) {
      throw DatasetError(file: "\(folder.path)/\(file.name)", rule: rule)
    }
    for file in folder.files where !file.isRegular {
      throw DatasetError(file: "\(folder.path)/\(file.name)", rule: "must be a regular file")
    }
    return folder.files.map { ($0.name, $0.bytes) }
  }

  private mutating func listing(of part: String?) throws(DatasetError) -> FolderListing {
    guard let part else { return root }
    let listing = try root.folder(part)
    let found = listing.passedOver.map { "\(part)/\($0)" }
    passed += found.filter { !passed.contains($0) }
    return listing
  }
}

/// What the folders in a folder of pictures may be that is split already.
enum Part: CaseIterable {
  case train
  case validation
  case test

  /// In any case of their letters, as other tools call them.
  private var names: [String] {
    switch self {
    case .train: ["train", "training"]
    case .validation: ["valid", "val", "validation", "dev"]
    case .test: ["test", "testing"]
    }
  }

  private static let allNames = allCases.flatMap(\.names)

  private func folders(of root: FolderListing) -> [String] {
    root.folders.filter { names.contains($0.lowercased()) }
  }

  /// The folders beside the parts that are none of them.
  static func others(in root: FolderListing) -> [String] {
    root.folders.filter { !allNames.contains($0.lowercased()) }
  }

  /// The parts that a folder is split into; nil where it holds the classes themselves.
  ///
  /// - Throws: where it is split in a way that leaves open what is what.
  static func folders(
    of root: FolderListing, _ options: ImageFolderOptions
  ) throws(DatasetError) -> (train: String, test: String, validation: String?)? {
    func refusal(_ value: String, _ rule: String) -> DatasetError {
      DatasetError(file: root.path, value: value, rule: rule)
    }
    let found = try allCases.map { part throws(DatasetError) -> String? in
      let own = part.folders(of: root)
      guard own.count < 2 || train.folders(of: root).isEmpty else {
        throw refusal(
          "has the folders \(own.joined(separator: " and "))",
          "must have either \(own.joined(separator: " or ")) beside it: both are the \(part) set")
      }
      return own.first
    }
    guard let train = found[0] else {
      let isSplit =
        root.folders.count > 1
        && root.folders.allSatisfy { allNames.contains($0.lowercased()) }
      guard !isSplit else {
        throw refusal(
          "has the folders \(root.folders.joined(separator: ", "))", "must have train beside them")
      }
      return nil
    }
    guard options.testFraction == nil else {
      throw refusal("has a folder \(train)", "must not be given a testFraction then")
    }
    guard let test = found[2] ?? found[1] else {
      throw refusal("has a folder \(train)", "must have test or val beside it")
    }
    return (train, test, found[2] == nil ? nil : found[1])
  }
}
