// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// The settings of the rows shown: which of them differ, in which order, and what they are called.
struct SettingNames: Sendable {
  /// The paths of all settings, in the order of columns.
  let all: [String]
  /// Those that tell rows apart, in the order of columns; what follows from others, as widths do
  /// from a budget, is never among them unless nothing else tells two rows apart.
  let varying: [String]
  /// The widths that a budget solved in all rows that have them: they tell rows apart where nothing
  /// else does, and are no condition for comparing two.
  let fromBudgets: Set<String>
  /// By path of those that rows of the same kinds may lack: the kinds of such rows.
  private let lacking: [String: Set<[JSON?]>]

  static let width = "network.width"
  static let segments = "network.block.segments"
  private static let block = "network.block."
  private static let segmentWidth = block + "segmentWidth"
  /// What a budget may solve for.
  static let solved: Set<String> = [
    width, "network.widthMultiplier", "network.stageWidths", "network.stemWidth",
  ]
  /// The numbers of images, and what they are called beside metrics of the same words.
  static let imageCounts = [
    // Images are held back for validation out of these.
    "data.train": "training set", "data.validation": "validation images",
    "data.test": "test images",
  ]

  init(_ rows: [(settings: RunSettings, budget: RunRecord.Budget?)]) {
    all = Set(rows.flatMap(\.settings.values.keys)).sorted(by: Self.precedes)
    let settings = rows.map(\.settings)
    fromBudgets = Self.solved.filter { path in
      rows.allSatisfy { $0.settings[path] == nil || $0.budget != nil }
    }
    let candidates = all.filter { Self.differs($0, in: settings) }
    let plain = candidates.filter { !Self.followsFromOthers($0, in: rows) }
    let alike = Dictionary(grouping: rows) { row in
      [.string("\(row.budget?.target ?? -1) \(row.budget?.quantity ?? "")")]
        + plain.map { row.settings[$0] }
    }
    varying = candidates.filter { path in
      plain.contains(path)
        || alike.values.contains { Set($0.map { $0.settings[path] }).count > 1 }
    }
    lacking = Dictionary(
      uniqueKeysWithValues: varying.map { ($0, Self.kindsLacking($0, in: settings)) })
  }

  /// The kinds of which some rows have a setting and some do not.
  private static func kindsLacking(_ path: String, in rows: [RunSettings]) -> Set<[JSON?]> {
    let groups = Dictionary(grouping: rows) { kinds(of: path, in: $0) }
    return Set(
      groups.filter { _, rows in
        let having = rows.count { $0[path] != nil }
        return having > 0 && having < rows.count
      }.keys)
  }

  private static func kinds(of path: String, in row: RunSettings) -> [JSON?] {
    RunSettings.kinds(above: path).map { row[$0] }
  }

  /// A setting that tells rows apart: null where only others of the row's kinds have it, nil where
  /// it means nothing for them.
  func value(of path: String, in row: RunSettings) -> JSON? {
    if let value = row[path] { return value }
    return lacking[path]?.contains(Self.kinds(of: path, in: row)) == true ? .null : nil
  }

  /// Whether a setting says where on the spectrum a row is: its block, segments and their width.
  static func isOfSpectrum(_ path: String) -> Bool {
    ["kind", "segments", "segmentWidth", "unequal"].contains { path == block + $0 }
  }

  /// Whether a setting is another one, or says no more than it does.
  static func follows(_ path: String, from other: String) -> Bool {
    if path == other { return true }
    switch path {
    case "data.split": return other == "data.validation"
    case block + "unequal": return other == segments || other == segmentWidth
    case segments: return other == segmentWidth
    case segmentWidth: return other == segments
    default: return false
    }
  }

  /// Whether a setting is a field of the section that another one says the kind of, as the weights
  /// that training begins with do of `transfer`.
  static func hangs(_ path: String, on kind: String) -> Bool {
    let parts = kind.split(separator: ".")
    let isKind = parts.last == "kind" || kind == "network.network" || kind == "transfer.weights"
    guard isKind, path != kind else { return false }
    return path.hasPrefix(parts.dropLast().joined(separator: ".") + ".")
  }

  /// Whether a setting is another one, follows from it or is a field of what it says the kind of.
  static func isPart(_ path: String, of other: String) -> Bool {
    follows(path, from: other) || hangs(path, on: other)
  }

  /// Whether all rows of one kind have the same value: the kind, or the arm, brings it along.
  static func isSettled(_ path: String, by kind: String, in rows: [RunSettings]) -> Bool {
    Dictionary(grouping: rows) { $0[kind] }.values.allSatisfy { rows in
      Set(rows.map { $0[path] }).count == 1
    }
  }

  /// What all rows of one line of a plot share: whatever differs beside the spectrum.
  var conditions: [String] { varying.filter { !Self.isOfSpectrum($0) } }

  // MARK: Names

  /// The last part of a path; the section's for what says of which kind the section is; the whole
  /// path where that names another setting that differs, too, or a column of another meaning.
  func name(of path: String) -> String {
    let short = Self.shortName(path)
    let others = varying.contains(path) ? varying : all
    let clashes = others.contains { $0 != path && Self.shortName($0) == short }
    let isTaken = path != Self.width && ColumnList.ownKeys.contains(short)
    return clashes || isTaken ? path : short
  }

  /// The name in words: `learning rate`.
  func title(of path: String) -> String { Self.imageCounts[path] ?? Self.words(name(of: path)) }

  /// A value for people.
  static func text(_ value: JSON, of path: String) -> String {
    if imageCounts[path] != nil, case .integer(let count) = value {
      return NumberText.grouped(count)
    }
    return value.settingText
  }

  static func words(_ name: String) -> String {
    if name == "lambda" { return "λ" }
    return name.reduce(into: "") { words, letter in
      if letter.isUppercase, words.last?.isLowercase == true {
        words += " " + letter.lowercased()
      } else {
        words.append(letter == "." ? " " : letter)
      }
    }
  }

  /// The paths that a name may mean: a whole path, or a short name, of what differs first, or else
  /// the last parts of paths.
  func paths(named name: String) -> [String] {
    if all.contains(name) { return [name] }
    func matching(_ paths: [String]) -> [String] {
      paths.filter {
        Self.shortName($0) == name || Self.words(Self.shortName($0)) == name
          || Self.imageCounts[$0] == name
      }
    }
    let differing = matching(varying)
    if differing.count == 1 { return differing }
    let short = matching(all)
    return short.isEmpty ? all.filter { $0.hasSuffix(".\(name)") } : short
  }

  /// All that settings can be called, for the nearest right spelling.
  var spellings: [String] { all.map(Self.shortName) + all }

  private static func shortName(_ path: String) -> String {
    let parts = path.split(separator: ".").map(String.init)
    return parts.count > 1 && parts.last == "kind" ? parts[parts.count - 2] : parts.last ?? path
  }

  // MARK: Differences

  /// Whether rows differ in a setting. Where a section is of different kinds, what only one kind
  /// has is no difference beside the kind itself, unless rows of one kind differ in it.
  private static func differs(_ path: String, in rows: [RunSettings]) -> Bool {
    let values = Set(rows.compactMap { $0[path] })
    guard !values.isEmpty else { return false }
    // `augmentation: null` beside `augmentation.crop: 2`: the fields say it.
    let isReplaced =
      values == [.null]
      && rows.contains { row in
        row.values.keys.contains { $0.hasPrefix("\(path).") }
      }
    guard !isReplaced else { return false }
    if values.count > 1 { return true }
    // A block in segments beside others is not named without their number.
    if path == segments { return rows.contains { $0[path] == nil } }
    let paths = RunSettings.kinds(above: path)
    let kinds = Dictionary(grouping: rows) { row in paths.compactMap { row[$0] } }
    return kinds.values.contains { Set($0.map { $0[path] }).count > 1 }
  }

  /// Widths follow from a budget, whether segments may be unequal from their number, and how images
  /// are held back for validation from there being some.
  private static func followsFromOthers(
    _ path: String, in rows: [(settings: RunSettings, budget: RunRecord.Budget?)]
  ) -> Bool {
    if [width, block + "unequal", "data.split"].contains(path) { return true }
    return solved.contains(path)
      && rows.allSatisfy { $0.settings[path] == nil || $0.budget != nil }
  }

  /// What a budget solves for: widths of the whole, of stages, of the stem.
  static func isOfWidth(_ path: String) -> Bool {
    ["width", "widthMultiplier", "stageWidths", "stemWidth"].contains { path == "network.\($0)" }
  }

  private static func precedes(_ first: String, _ second: String) -> Bool {
    (rank(first), first) < (rank(second), second)
  }

  private static func rank(_ path: String) -> Int {
    let order = [
      "network.network", block + "kind", block + "segments", block + "segmentWidth",
      block + "segmentWidths", block + "towers", block + "between", block, "network.", "data.",
      "training.",
    ]
    return order.firstIndex { $0.hasSuffix(".") ? path.hasPrefix($0) : path == $0 } ?? order.count
  }
}
