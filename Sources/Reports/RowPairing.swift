// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// A row's place among others.
struct RowKey: Hashable, Sendable {
  private let settings: RunSettings
  private let budget: RunRecord.Budget?

  init(_ point: ResultPoint) { (settings, budget) = (point.settings, point.budget) }
}

/// Which row each row has for its reference: one of equal budget and of equal settings, but for
/// those that the reference is named by.
struct RowPairing: Sendable {
  let description: RowDescription
  private var partners: [RowKey: ResultPoint] = [:]

  /// - Parameters:
  ///   - text: a block's key or a name, `key=value` conditions, or both, with commas between.
  ///   - free: settings in which a row and its reference may differ, as each chose its own.
  ///   - source: the option or key that said it, for errors.
  /// - Throws: where nothing matches or a row has several references.
  init(
    _ text: String, _ points: [ResultPoint], free: Set<String>, source: String
  ) throws(ReportError) {
    let description = try RowDescription(text, points, source: source)
    self.description = description
    let candidates = points.filter(description.matches)
    guard !candidates.isEmpty else {
      throw ReportError("no row is \"\(text)\"; the rows are: " + Self.list(points))
    }
    let names = SettingNames(points)
    let demands = names.varying
      .filter { !free.contains($0) && !names.fromBudgets.contains($0) }
      .map { (path: $0, demand: description.demand(on: $0)) }
    let equal = demands.filter { $0.demand == .equal }.map(\.path)
    let shared = demands.filter { $0.demand == .equalWhereBothHaveIt }.map(\.path)
    let groups = Dictionary(grouping: candidates) { Common($0, equal) }
    for point in points where !description.matches(point) {
      let group = groups[Common(point, equal)] ?? []
      let fitting = Self.alike(Self.fitting(group, for: point, shared), point, names.fromBudgets)
      guard fitting.count < 2 else {
        let label = description.completed(by: RowLabels(group).words(of: fitting[0]))
        throw ReportError(
          "\(source) \"\(text)\" means several rows: \(Self.list(group)); "
            + "name one, as in "
            + (source == "--against" ? "--against '\(label)'" : "\"\(label)\""))
      }
      partners[RowKey(point)] = fitting.first
    }
  }

  /// A row's reference; nil where it is one itself or has none.
  subscript(point: ResultPoint) -> ResultPoint? { partners[RowKey(point)] }

  /// Every reference of a row once, always in the same order.
  var references: [ResultPoint] {
    let rows = Dictionary(grouping: partners.values, by: RowKey.init)
    return rows.values.compactMap(\.first).sorted { $0.settings.text < $1.settings.text }
  }

  /// Takes a row its reference.
  mutating func part(_ point: ResultPoint) { partners[RowKey(point)] = nil }

  /// What a row must share with its reference.
  private struct Common: Hashable {
    let target: Int?
    let quantity: String?
    let values: [JSON?]

    init(_ point: ResultPoint, _ equal: [String]) {
      (target, quantity) = (point.budget?.target, point.budget?.quantity)
      values = equal.map { point.settings[$0] }
    }
  }

  /// The settings in which some row differs from its reference, in the order of columns.
  func differing(_ points: [ResultPoint]) -> [String] {
    let pairs = points.compactMap { point in self[point].map { (point.settings, $0.settings) } }
    return SettingNames(points).varying.filter { path in pairs.contains { $0[path] != $1[path] } }
  }

  /// Of the rows that share with another what they must, those that are equal in what both have. Of
  /// `between`, which no block of a single operation has, whichever there is where none is equal.
  private static func fitting(
    _ candidates: [ResultPoint], for point: ResultPoint, _ shared: [String]
  ) -> [ResultPoint] {
    let between = "network.block.between"
    let fitting = candidates.filter { candidate in
      shared.allSatisfy { path in
        guard path != between, let value = point.settings[path],
          let other = candidate.settings[path]
        else { return true }
        return value == other
      }
    }
    guard shared.contains(between) else { return fitting }
    let same = fitting.filter { $0.settings[between] == point.settings[between] }
    return same.isEmpty ? fitting : same
  }

  /// Of several, those that were brought to their budget by the same means, where there are some: with
  /// a stem of another width, say, or without.
  private static func alike(
    _ candidates: [ResultPoint], _ point: ResultPoint, _ solved: Set<String>
  ) -> [ResultPoint] {
    guard candidates.count > 1 else { return candidates }
    func means(_ point: ResultPoint) -> Set<String> {
      solved.filter { point.settings[$0] != nil }
    }
    let alike = candidates.filter { means($0) == means(point) }
    return alike.isEmpty ? candidates : alike
  }

  static func list(_ points: [ResultPoint]) -> String {
    let labels = RowLabels(points)
    let shown =
      points.prefix(12).map(labels.label(of:))
      + (points.count > 12 ? ["… (\(points.count) rows)"] : [])
    return shown.joined(separator: "; ")
  }
}

/// The rows that an experiment will have, before there is any result.
public struct PlannedRows {
  private let points: [ResultPoint]

  /// - Parameters:
  ///   - runs: what the experiment plans, with their configurations, labels, costs and budgets.
  ///   - asked: the points with their names.
  public init(_ runs: [RunRecord], asked: ExperimentRecord) throws(ReportError) {
    let collection = try RunCollection(records: runs, experiments: [asked])
    let view = ResultView.experiment(asked)
    points = ResultPoint.points(of: view.members(of: collection), view, [asked])
  }

  /// - Parameter reference: as `table --against` takes it.
  /// - Throws: where it does not name exactly one row for every setting that is left.
  public func check(reference: String) throws(ReportError) {
    let pairing = try RowPairing(reference, points, free: [], source: "reference")
    let others = points.filter { !pairing.description.matches($0) }
    guard !others.isEmpty else {
      throw ReportError("every row is \"\(reference)\", so that nothing is compared with it")
    }
    let alone = others.filter { pairing[$0] == nil }
    guard alone.isEmpty else {
      throw ReportError(
        "no row that is \"\(reference)\" has the settings and the budget of "
          + "\(RowPairing.list(alone))")
    }
  }

  /// The most rows that are compared with each other: those of one reference and itself, or, where
  /// none is named, those of one test set and one budget.
  public func largestFamily(reference: String?) -> Int {
    if let reference,
      let pairing = try? RowPairing(reference, points, free: [], source: "reference")
    {
      let families = Dictionary(grouping: points.compactMap { pairing[$0] }, by: RowKey.init)
      return (families.values.map(\.count).max() ?? 0) + 1
    }
    var cache = AnswerCache()
    return (try? BestSet(points, "test/top1", &cache))?.groups.map(\.rows.count).max() ?? 1
  }
}
