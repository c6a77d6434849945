// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// Rows by what tells them apart: `segmented-inception,segments=4,learningRate=0.01`.
struct RowDescription: Sendable {
  /// In order, with a space behind every comma.
  let text: String
  private let own: [String]
  /// The path is nil where a row's name is meant.
  private let conditions: [(path: String?, condition: Condition)]
  /// The settings in which the rows of the name differ; nil where no name is among the conditions.
  private let varyingInName: Set<String>?
  /// The kind of block, where settings of blocks are named that only one kind fulfils.
  private var impliedKind: String?
  private let rows: [RunSettings]

  /// - Parameter source: the option or key that said it, for errors.
  init(
    _ text: String, _ points: [ResultPoint], source: String = "--against"
  ) throws(ReportError) {
    let list = ColumnList(points, metrics: [], comparison: nil)
    let parts = Self.parts(of: text, names: Set(points.compactMap(\.name)))
    var conditions: [(path: String?, condition: Condition)] = []
    for part in parts {
      if let known = Self.nameOrBlock(part, points) {
        conditions.append(known)
      } else {
        conditions.append(try Self.comparison(part, points, list, source))
      }
    }
    guard !conditions.isEmpty else {
      throw ReportError("\(source) must name rows, as in segmented-inception,segments=4")
    }
    own = parts
    self.text = parts.joined(separator: ", ")
    self.conditions = conditions
    let names = conditions.filter { $0.path == nil }.map(\.condition)
    let named = points.filter { point in names.allSatisfy { $0.holds(for: Self.name(of: point)) } }
    varyingInName = names.isEmpty ? nil : Set(SettingNames(named).varying)
    rows = points.map(\.settings)
    let kind = "network.block.kind"
    let kinds = Set(points.filter(matches).map { $0.settings[kind] })
    let namesBlock = conditions.contains { $0.path?.hasPrefix("network.block.") ?? false }
    impliedKind = namesBlock && kinds.count == 1 ? kind : nil
  }

  /// What stands between commas; a name that holds some is one part where it stands first.
  private static func parts(of text: String, names: Set<String>) -> [String] {
    let first = names.filter { text == $0 || text.hasPrefix("\($0),") }.max { $0.count < $1.count }
    let rest = text.dropFirst(first?.count ?? 0).split(separator: ",").map {
      String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
    return (first.map { [$0] } ?? []) + rest.filter { !$0.isEmpty }
  }

  private static func name(of point: ResultPoint) -> JSON {
    point.name.map(JSON.string) ?? .null
  }

  /// - Returns: nil where the part is neither the key of a block nor a name.
  private static func nameOrBlock(
    _ part: String, _ points: [ResultPoint]
  ) -> (path: String?, condition: Condition)? {
    if points.contains(where: { $0.block == part }) {
      let isBlock = points.contains { $0.settings["network.block.kind"]?.settingText == part }
      return (
        isBlock ? "network.block.kind" : "network.network", Condition("block", equals: part)
      )
    }
    guard points.contains(where: { $0.name == part }) else { return nil }
    return (nil, Condition("name", equals: part))
  }

  private static func comparison(
    _ part: String, _ points: [ResultPoint], _ list: ColumnList, _ source: String
  ) throws(ReportError) -> (path: String?, condition: Condition) {
    let names = Set(points.compactMap(\.name)).sorted()
    guard part.contains(where: { "<>=!".contains($0) }) else {
      let known = Set(points.map(\.block)).sorted() + names
      let hint = Spelling.nearest(to: part, among: known).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the block \(names.isEmpty ? "" : "or the name ")\"\(part)\"; "
          + "known here: \(NumberText.list(known))\(hint ?? "")")
    }
    let condition = try Condition(part, source: source)
    let isName = condition.key == "name" && !names.isEmpty
    return (isName ? nil : try list.path(condition.key), condition)
  }

  /// The description with what tells one of its rows from the others.
  func completed(by parts: [String]) -> String {
    return (own + parts.filter { !own.contains($0) }).joined(separator: ",")
  }

  func matches(_ point: ResultPoint) -> Bool {
    conditions.allSatisfy { path, condition in
      condition.holds(for: path.map { point.settings[$0] ?? .null } ?? Self.name(of: point))
    }
  }

  /// What a setting of a row must be, beside that of its reference.
  enum Demand { case equal, equalWhereBothHaveIt, any }

  /// A row may differ from its reference in what is named, in what the rows of a name, which stands
  /// for all that they share, have in common, and in what a named kind brings along. What varies
  /// within a kind is equal where both have it.
  func demand(on path: String) -> Demand {
    if let varyingInName, !varyingInName.contains(path) { return .any }
    let named = conditions.compactMap(\.path) + (impliedKind.map { [$0] } ?? [])
    if named.contains(where: { SettingNames.follows(path, from: $0) }) { return .any }
    guard let kind = named.first(where: { SettingNames.hangs(path, on: $0) }) else { return .equal }
    return SettingNames.isSettled(path, by: kind, in: rows) ? .any : .equalWhereBothHaveIt
  }
}

/// What tells rows from each other, as `--against` takes it: `segmented-inception,segments=4`.
struct RowLabels {
  private let names: SettingNames
  /// Of the rows of every name.
  private let named: [String: SettingNames]
  private let hasBudgets: Bool

  init(_ points: [ResultPoint]) {
    names = SettingNames(points)
    named = Dictionary(grouping: points.filter { $0.name != nil }) { $0.name ?? "" }
      .mapValues { SettingNames($0) }
    hasBudgets = Set(points.map { $0.budget.map(ColumnList.text) }).count > 1
  }

  /// Its name, or else its block, and whatever tells it from the others that are called so.
  func label(of point: ResultPoint) -> String { words(of: point).joined(separator: ",") }

  /// The parts of the label.
  func words(of point: ResultPoint) -> [String] {
    parts(of: point) { "\(names.name(of: $0))=\($1.settingText)" }
  }

  private func parts(
    of point: ResultPoint, _ setting: (_ path: String, _ value: JSON) -> String
  ) -> [String] {
    let naming = ["network.block.kind", "network.network"]
    let own = point.name.flatMap { named[$0] } ?? names
    let needsBlock = point.name == nil || own.varying.contains { naming.contains($0) }
    let block = needsBlock && !point.block.isEmpty ? [point.block] : []
    let others = own.varying.filter { !naming.contains($0) }.compactMap { path in
      own.value(of: path, in: point.settings).map { setting(path, $0) }
    }
    return (point.name.map { [$0] } ?? []) + block + others
  }

  /// The label for a sentence: `regular-conv, learning rate 0.01`.
  func words(for point: ResultPoint) -> String {
    parts(of: point) { "\(names.title(of: $0)) \(SettingNames.text($1, of: $0))" }
      .joined(separator: ", ")
  }

  /// The label with the budget, where rows have several.
  func labelWithBudget(of point: ResultPoint) -> String {
    guard hasBudgets else { return label(of: point) }
    return "\(label(of: point)) at \(point.budget.map(ColumnList.text) ?? "no budget")"
  }
}
