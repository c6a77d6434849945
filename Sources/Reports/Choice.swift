import Settings
import Tables

/// How a row came to be the chosen one of its arm.
struct ChosenValue: Sendable {
  enum End: String { case lowest, highest, only }

  /// How many values were tried.
  let tried: Int
  /// Which end of its grid the chosen value is; nil within it, and for what is no number.
  let end: End?
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
    let free = Set(
      Set(points.flatMap(\.settings.values.keys)).filter { path in
        over.contains { SettingNames.hangs(path, on: $0) }
      })
    let arms = Dictionary(grouping: points) { Arm($0, without: free) }
    guard arms.values.contains(where: { $0.count > 1 }) else {
      throw Self.nothing(over, points)
    }
    let winners = arms.mapValues { Self.winner(of: $0, by: metric, over: over) }
    let labels = RowLabels(points)
    self.metric = metric
    self.over = over
    self.points = points.compactMap { point in
      guard let winner = winners[Arm(point, without: free)] ?? nil,
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
    let others = names.varying.filter { path in
      !over.contains { SettingNames.hangs(path, on: $0) }
    }
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

    init(_ point: ResultPoint, without free: Set<String>) {
      settings = point.settings.values.filter { !free.contains($0.key) }
      budget = point.budget.map(ColumnList.text) ?? ""
    }
  }

  /// The first of the best in the order of values, so that a tie is always decided alike.
  private static func winner(
    of arm: [ResultPoint], by metric: String, over: [String]
  ) -> ResultPoint? {
    let isLeast = metric.hasSuffix("loss")
    func values(_ point: ResultPoint) -> [LabelOrder] {
      over.map { LabelOrder(point.settings[$0]) }
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
      winner?.chosen = ChosenValue(tried: arm.count, end: end(of: point, in: arm, over: over))
    }
    return winner
  }

  private static func end(
    of point: ResultPoint, in arm: [ResultPoint], over: [String]
  ) -> ChosenValue.End? {
    guard arm.count > 1 else { return .only }
    for path in over {
      let grid = Set(arm.compactMap { $0.settings[path]?.asNumber })
      guard grid.count > 1, let value = point.settings[path]?.asNumber else { continue }
      if value == grid.min() { return .lowest }
      if value == grid.max() { return .highest }
    }
    return nil
  }
}
