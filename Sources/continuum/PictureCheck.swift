// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Settings

/// Decodes all pictures before they are used, and says once what is amiss with them.
struct PictureCheck {
  enum Flags {
    static let skipDamaged = Flag("skip-damaged", "leave damaged pictures out, and say how many")
    static let strict = Flag(
      "strict", "take a picture that is decoded with a warning for a damaged one")

    static let all: [any AnyFlag] = [skipDamaged, strict]
  }

  /// Whether a picture that is decoded with a warning counts as damaged.
  let isStrict: Bool
  let console: Console

  /// The fields of a data set that the flags decide, with the words that do.
  static func settings(_ arguments: Arguments) -> [(field: String, word: String)] {
    [(Flags.skipDamaged, "skipDamaged"), (Flags.strict, "strict")]
      .filter { arguments.has($0.0) }.map { ($0.1, "--\($0.0.name)") }
  }

  /// Sees that every picture of a data set can be used; nothing happens for sets in memory.
  ///
  /// - Throws: all that are damaged.
  func run(_ splits: DatasetSplits) throws(CommandError) {
    let sets = [splits.train, splits.validation, splits.test].compactMap { $0 }
    var damaged: [DatasetError] = []
    var warnings: [(file: String, text: String)] = []
    for findings in findings(sets) {
      damaged += findings.damaged.map(\.error)
      warnings += findings.warnings
    }
    tell(warnings: warnings, passedOver: splits.passedOver)
    if let skipped = splits.facts["skippedPictures"], skipped > 0 {
      console.warn(Self.skippedNote(Int(skipped)))
    }
    try Self.refuse(damaged)
  }

  /// The pictures of a set that can be used.
  ///
  /// - Throws: all that are damaged, unless they are to be left out; or where none is left.
  func usable(
    _ set: ImageSet, passedOver: [String], skipsDamaged: Bool
  ) throws(CommandError) -> ImageSet {
    guard let findings = findings([set]).first else { return set }
    tell(warnings: findings.warnings, passedOver: passedOver)
    guard skipsDamaged, !findings.damaged.isEmpty else {
      try Self.refuse(findings.damaged.map(\.error))
      return set
    }
    console.warn(Self.skippedNote(findings.damaged.count))
    let bad = Set(findings.damaged.map(\.index))
    guard bad.count < set.count else {
      try Self.refuse(findings.damaged.map(\.error))
      return set
    }
    return set.subset((0..<set.count).filter { !bad.contains($0) })
  }

  private func findings(_ sets: [ImageSet]) -> [PictureFindings] {
    let parts = sets.compactMap { set -> PictureFiles? in
      guard case .files(let files) = set.pixels else { return nil }
      return files
    }
    let total = parts.reduce(0) { $0 + $1.names.count }
    var before = 0
    defer { console.endProgress() }
    return parts.map { files in
      defer { before += files.names.count }
      return files.findings(isStrict: isStrict) { [before, console] done in
        console.progress(
          "checking \(total) pictures", fraction: Double(before + done) / Double(total))
      }
    }
  }

  private func tell(warnings: [(file: String, text: String)], passedOver: [String]) {
    if let first = warnings.first {
      console.warn(
        "\(Self.counted(warnings.count, "picture")) decoded with warnings "
          + "(\(first.file): \(first.text)); --strict refuses them")
    }
    if let note = Self.passedOverNote(passedOver) { console.warn(note) }
  }

  /// What is neither a picture by its name nor a part of the data set, in one line; nil where there is
  /// nothing.
  static func passedOverNote(_ files: [String]) -> String? {
    guard !files.isEmpty else { return nil }
    let more = files.count > 3 ? " and \(files.count - 3) more" : ""
    return "\(counted(files.count, "name")) passed over, neither pictures nor classes: "
      + files.prefix(3).joined(separator: ", ") + more
  }

  private static func skippedNote(_ count: Int) -> String {
    "\(counted(count, "damaged picture")) left out"
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(count) \(noun)\(count == 1 ? "" : "s")"
  }

  private static func refuse(_ damaged: [DatasetError]) throws(CommandError) {
    guard let first = damaged.first else { return }
    guard damaged.count > 1 else {
      throw .refused("\(first); --skip-damaged leaves it out")
    }
    var error = CommandError.refused(
      "\(first) (and \(damaged.count - 1) more damaged pictures); --skip-damaged leaves them out")
    error.block = damaged.map { Console.oneLine("  \($0)") }.joined(separator: "\n")
    throw error
  }
}
