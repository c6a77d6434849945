// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams

/// What lies in a folder of pictures: one sub-folder a class, the name being the class.
///
/// Two layouts: `DIR/train/CLASS/*.jpg` with `DIR/test/CLASS/*` or `DIR/val/CLASS/*` or both (`Part` has
/// other names of them; with both, `val` is the validation set), or `DIR/CLASS/*.jpg` alone, out of which
/// a share of every class, chosen by the seed, becomes the test set. `ClassFolders` says what may lie
/// there.
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
  /// In the order of `FileName.precedes`.
  public let classNames: [String]
  let train: [Entry]
  let validation: [Entry]?
  let test: [Entry]
  /// A hash of the names and sizes of all pictures: what the run's identity knows of them. A picture
  /// replaced by another of the same name and size is not noticed.
  let fingerprint: UInt64
  /// What is no picture and was passed over, relative to the folder.
  let passedOver: [String]
  /// The damaged pictures that were left out, relative to the folder.
  let skipped: [String]

  /// Looks at a folder.
  ///
  /// Cost: with `skipDamaged` every picture is decoded.
  /// - Throws: where it has another layout, or a file that is no picture, with its name.
  init(path: String, _ options: ImageFolderOptions, seed: Int) throws(DatasetError) {
    self.path = path
    var scan = try ClassFolders(path)
    let parts = try Part.folders(of: scan.root, options)
    if parts != nil { scan.noteParts() }
    let names = try scan.classes(in: parts?.train)
    var damaged: [String] = []
    func entries(_ part: String?) throws(DatasetError) -> [Entry] {
      let all = try scan.entries(in: part, classes: names)
      return options.skipsDamaged ? Self.usable(all, of: path, options, &damaged) : all
    }
    let all = try entries(parts?.train)
    classNames = names
    if let parts {
      train = all
      test = try entries(parts.test)
      validation = try parts.validation.map { part throws(DatasetError) in try entries(part) }
    } else {
      (train, test) = Self.split(
        all, classes: names.count, fraction: options.testFraction ?? 0.2, seed: seed)
      validation = nil
    }
    passedOver = scan.passedOver
    skipped = damaged
    fingerprint = Self.fingerprint(classNames, [train, validation ?? [], test])
    try checkClasses()
  }

  /// Those that can be decoded; the names of the others are added to `damaged`.
  private static func usable(
    _ entries: [Entry], of path: String, _ options: ImageFolderOptions, _ damaged: inout [String]
  ) -> [Entry] {
    let files = PictureFiles(
      folder: path, names: entries.map(\.name), preprocessing: options.preprocessing)
    let bad = Set(files.findings(isStrict: options.isStrict) { _ in }.damaged.map(\.index))
    damaged += bad.sorted().map { entries[$0].name }
    return entries.indices.filter { !bad.contains($0) }.map { entries[$0] }
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
