// SPDX-License-Identifier: Apache-2.0

import Settings
import Tables

/// How a row came to be the chosen one of its arm.
struct ChosenValue: Sendable {
  enum End: String { case lowest, highest, only }

  /// How many values were tried.
  let tried: Int
  /// How many of them have a failed run, and could not win.
  let failed: Int
  /// The settings of which the chosen value is the end of its grid, the other chosen values being
  /// equal, each by its name where there are several to choose; nothing of what is no number.
  let ends: [(name: String?, end: End)]

  /// `lowest`; `learningRate highest`, where several settings were chosen.
  var endText: String? {
    ends.isEmpty
      ? nil
      : ends.map { [$0.name, $0.end.rawValue].compactMap(\.self).joined(separator: " ") }
        .joined(separator: ", ")
  }

  /// Whether better values may lie beyond.
  var isAtEnd: Bool { ends.contains { $0.end != .only } }
}

/// The choice of one row of every arm by a metric, over the mean of its seeds.
///
/// An arm is what rows have in common apart from the settings over which is chosen. A row with a
/// failed run never wins: the mean of the runs that are left is no fair one.
struct Choice: Sendable {
  /// The key of the metric that decides.
  let metric: String
  /// The paths of the settings.
  let over: [String]
  /// Those, and what follows from them: in which the rows of an arm may differ.
  let free: Set<String>
  /// The chosen rows, in their order.
  let points: [ResultPoint]
  /// Names of the arms of which no row could win.
  let lost: [String]
  /// Names of the arms whose rows ran with different seeds, so that their means are of unlike runs.
  let uneven: [String]

  /// - Parameter rule: `best:METRIC`.
  init(_ rule: String, over names: [String], _ points: [ResultPoint]) throws(ReportError) {
    let metric = try Self.metric(rule, points)
    guard !names.isEmpty else {
      throw ReportError(
        "--choose needs --over SETTING: what it chooses, as in "
          + "--over training.optimizer.learningRate")
    }
    let list = ColumnList(points, metrics: [], comparison: nil)
    var over: [String] = []
    for name in names { over.append(try list.path(name)) }
    let varying = SettingNames(points)
    let free = Self.free(over, points)
    let solved = SettingNames.solved.subtracting(varying.varying)
    let arms = Dictionary(grouping: points) { Arm($0, without: free, solved) }
    guard arms.values.contains(where: { $0.count > 1 }) else {
      throw Self.nothing(over, points)
    }
    let winners = arms.mapValues {
      Self.winner(
        of: $0, by: metric, over: over.map { (path: $0, name: varying.name(of: $0)) })
    }
    let labels = RowLabels(points)
    self.metric = metric
    self.over = over
    self.free = free
    self.points = points.compactMap { point in
      guard let winner = winners[Arm(point, without: free, solved)] ?? nil,
        winner.settings == point.settings, winner.budget == point.budget
      else { return nil }
      return winner
    }
    lost = arms.filter { (winners[$0.key] ?? nil) == nil }
      .compactMap { $0.value.first }.map(labels.labelWithBudget(of:)).sorted()
    uneven = arms.filter { Self.isUneven($0.value, metric) }
      .compactMap { winners[$0.key] ?? nil }.map(labels.labelWithBudget(of:)).sorted()
    guard !self.points.isEmpty else {
      throw ReportError(
        "--choose \(rule) has nothing to choose from: every row has a failed run or no "
          + "\"\(metric)\"")
    }
  }

  /// The settings to choose and what follows from them. What says of which kind a section is brings
  /// along what every kind has a value of its own of, and what not every kind has; all else of the
  /// section is a matter of the arm.
  private static func free(_ over: [String], _ points: [ResultPoint]) -> Set<String> {
    let rows = points.map(\.settings)
    let free = Set(rows.flatMap(\.values.keys)).filter { path in
      over.contains { other in
        if SettingNames.follows(path, from: other) { return true }
        guard SettingNames.hangs(path, on: other) else { return false }
        return rows.contains { $0[path] == nil }
          || SettingNames.isSettled(path, by: other, in: rows)
      }
    }
    return Set(free)
  }

  /// Whether the rows of an arm that can win have the metric of different seeds.
  private static func isUneven(_ arm: [ResultPoint], _ metric: String) -> Bool {
    let seeds = arm.filter(\.failed.isEmpty).map { point in
      Set(point.finished.filter { $0.result(metric) != nil }.map(\.seed))
    }
    return Set(seeds.filter { !$0.isEmpty }).count > 1
  }

  /// Why there is nothing to choose.
  private static func nothing(_ over: [String], _ points: [ResultPoint]) -> ReportError {
    let names = SettingNames(points)
    let same = over.filter { path in Set(points.map { $0.settings[path] }).count < 2 }
    let reason =
      same == over
      ? "all rows have "
        + NumberText.list(
          over.map { "\(names.name(of: $0)) \(points[0].settings[$0]?.settingText ?? "none")" })
      : "no two rows differ in that alone"
    let others = names.varying.filter { !over.contains($0) }
    let hint =
      others.isEmpty ? "" : "; the rows differ in \(NumberText.list(others.map(names.name(of:))))"
    return ReportError(
      "--choose has nothing to choose from over "
        + "\(NumberText.list(over.map(names.name(of:)))): \(reason)\(hint)")
  }

  private static func metric(
    _ rule: String, _ points: [ResultPoint]
  ) throws(ReportError) -> String {
    let parts = rule.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2, parts[0] == "best" else {
      throw ReportError("--choose \"\(rule)\" must be best:METRIC, as in best:validation/top1")
    }
    try ResultTable.check([parts[1]], points.flatMap(\.finished))
    return parts[1]
  }

  /// What the rows of an arm share.
  private struct Arm: Hashable {
    let settings: [String: JSON]
    let budget: String

    /// - Parameter solved: what follows from a budget, where there is one.
    init(_ point: ResultPoint, without free: Set<String>, _ solved: Set<String>) {
      let isMatched = point.budget != nil
      settings = point.settings.values.filter { path, _ in
        !free.contains(path) && !(isMatched && solved.contains(path))
          && !(isMatched && path == SettingNames.segments && point.holdsSegmentWidth)
      }
      budget = point.budget.map(ColumnList.text) ?? ""
    }
  }

  /// The first of the best in the order of values, so that a tie is always decided alike.
  private static func winner(
    of arm: [ResultPoint], by metric: String, over: [(path: String, name: String)]
  ) -> ResultPoint? {
    let isLeast = metric.hasSuffix("loss")
    func values(_ point: ResultPoint) -> [LabelOrder] {
      over.map { LabelOrder(point.settings[$0.path]) }
    }
    let sorted = arm.sorted { values($0).lexicographicallyPrecedes(values($1)) }
    let rated = sorted.compactMap { point -> (point: ResultPoint, rate: Double)? in
      guard point.failed.isEmpty, let mean = point.statistics(of: metric)?.mean, mean.isFinite
      else { return nil }
      return (point, isLeast ? -mean : mean)
    }
    guard let best = rated.map(\.rate).max() else { return nil }
    var winner = rated.first { $0.rate == best }?.point
    if let point = winner {
      winner?.chosen = ChosenValue(
        tried: arm.count, failed: arm.count { !$0.failed.isEmpty },
        ends: ends(of: point, in: arm, over: over))
    }
    return winner
  }

  /// The ends of the grids of numbers that the chosen values are. A grid is of the rows that have
  /// the other chosen values.
  private static func ends(
    of point: ResultPoint, in arm: [ResultPoint], over: [(path: String, name: String)]
  ) -> [(name: String?, end: ChosenValue.End)] {
    guard arm.count > 1 else { return [(nil, .only)] }
    return over.compactMap { path, name in
      guard let value = point.settings[path]?.asNumber else { return nil }
      let others = over.map(\.path).filter { $0 != path }
      let row = arm.filter { other in
        others.allSatisfy { other.settings[$0] == point.settings[$0] }
      }
      let grid = Set(row.compactMap { $0.settings[path]?.asNumber })
      let end: ChosenValue.End? =
        if grid.count == 1 {
          Set(arm.map { $0.settings[path] }).count > 1 ? .only : nil
        } else if value == grid.min() {
          .lowest
        } else if value == grid.max() {
          .highest
        } else { nil }
      return end.map { (others.isEmpty ? nil : name, $0) }
    }
  }
}

extension ResultPoint {
  /// Whether the number of segments follows from a width that a budget solved.
  fileprivate var holdsSegmentWidth: Bool {
    settings["network.block.segmentWidth"].map { $0 != .null } ?? false
  }
}
