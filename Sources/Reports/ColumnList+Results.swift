// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// The columns of what came out.
extension ColumnList {
  static func results(
    _ points: [ResultPoint], _ metrics: [String], _ comparison: Comparison?,
    _ bestSets: [BestSet]
  ) -> [Column] {
    counts(isChoice: points.contains { $0.chosen != nil })
      + metrics.flatMap { key -> [Column] in
        let best = bestSets.filter { $0.metric == key }.map { mayBeBest($0, of: bestSets.count) }
        let compared = comparison.map { differences(key, $0, of: metrics.count) } ?? []
        return [metric(key)] + best + compared
      }
  }

  /// How many runs the numbers rest on.
  static func counts(isChoice: Bool) -> [Column] {
    [
      Column(
        key: "n", title: "n", value: { .integer($0.finished.count) },
        cell: { point in
          let count = "\(point.finished.count)"
          return .written(
            point.failed.isEmpty ? count : "\(count), \(point.failed.count) failed")
        }),
      Column(
        key: "failed", title: "failed", isReadable: false,
        value: { .integer($0.failed.count) }),
      Column(
        key: "tried", title: "tried", isReadable: isChoice, isData: isChoice,
        value: { $0.chosen.map { .integer($0.tried) } ?? .null },
        cell: { point in
          guard let chosen = point.chosen else { return .empty }
          return .written(
            chosen.failed == 0 ? "\(chosen.tried)" : "\(chosen.tried), \(chosen.failed) failed")
        },
        more: [
          Column.Detail(
            key: "triedFailed", value: { $0.chosen.map { .integer($0.failed) } ?? .null })
        ]),
      Column(
        key: "gridEnd", title: "end of its grid", isReadable: isChoice, isData: isChoice,
        value: { $0.chosen?.endText.map { .string($0) } ?? .null }),
    ]
  }

  private static func mayBeBest(_ set: BestSet, of count: Int) -> Column {
    Column(
      key: "\(set.metric).mayBeBest",
      title: "may be best" + (count > 1 ? " by \(Metric(key: set.metric).name)" : ""),
      value: { .bool(set.mayBeBest($0)) },
      cell: { .text(set.mayBeBest($0) ? "yes" : "no") })
  }

  static func metric(_ key: String) -> Column {
    let metric = Metric(key: key)
    return Column(
      key: key, title: metric.title,
      value: { .known($0.statistics(of: key)?.mean) },
      cell: { metric.text($0.statistics(of: key)).map(TextTable.Cell.written) ?? .empty },
      runValue: { .known($0.result(key)) },
      more: [
        Column.Detail(
          key: "\(key).standardDeviation",
          value: { .known($0.statistics(of: key)?.deviation) }),
        Column.Detail(
          key: "\(key).confidence95", value: { .known($0.statistics(of: key)?.confidence95) }),
      ])
  }

  /// The difference with its own interval; where several rows share a reference, also with the one
  /// that holds for all of them together, and the p value that goes with it.
  private static func differences(
    _ key: String, _ comparison: Comparison, of count: Int
  ) -> [Column] {
    let isFamily = comparison.families[key]?.contains { $0.comparisons > 1 } ?? false
    let first = difference(key, comparison, of: count)
    guard isFamily else { return [first] }
    let metric = Metric(key: key)
    let prefix = count > 1 ? "\(metric.name) " : ""
    return [
      first,
      Column(
        key: "\(key).differenceSimultaneous95",
        title: "\(prefix)± all at once\(metric.isFraction ? " (points)" : "")", isData: false,
        minuend: key,
        value: { .known(PairedDifference.half(comparison.difference(of: $0, key)?.simultaneous)) },
        cell: { point in
          let half = PairedDifference.half(comparison.difference(of: point, key)?.simultaneous)
          return half.map { .written("± \(metric.text(width: $0))") } ?? .empty
        }),
      Column(
        key: "\(key).differenceAdjustedP", title: "\(prefix)adjusted p", isData: false,
        minuend: key, spare: .adjustedP,
        value: { .known(comparison.difference(of: $0, key)?.adjustedP) },
        cell: { point in
          comparison.difference(of: point, key)?.adjustedP.map { .written(text(p: $0)) } ?? .empty
        }),
    ]
  }

  /// `0.013`, or `≤ 0.001`.
  static func text(p: Double) -> String {
    p < 0.001 ? "≤ 0.001" : NumberText.fixed(p, decimals: 3)
  }

  private static func difference(
    _ key: String, _ comparison: Comparison, of count: Int
  ) -> Column {
    let metric = Metric(key: key)
    func title(_ reference: String) -> String {
      let unit = metric.isFraction ? " (points)" : ""
      return "\(count > 1 ? "\(metric.name) " : "")minus \(reference)\(unit)"
    }
    return Column(
      key: "\(key).difference", title: title(comparison.name),
      minuend: key, shortTitle: title("the reference"),
      value: { .known(comparison.pairs(of: $0, key)?.difference?.mean) },
      cell: { point in
        guard let mean = comparison.pairs(of: point, key)?.difference?.mean else { return .empty }
        let interval = comparison.difference(of: point, key)?.estimate.interval()
        return .written(
          metric.text(mean, PairedDifference.half(interval), signed: true))
      }, more: details(key, comparison))
  }

  /// For programs.
  private static func details(_ key: String, _ comparison: Comparison) -> [Column.Detail] {
    func known(
      _ name: String, _ value: @escaping @Sendable (PairedDifference) -> Double?
    ) -> Column.Detail {
      Column.Detail(
        key: "\(key).\(name)",
        value: { .known(comparison.difference(of: $0, key).flatMap(value)) })
    }
    func counted(
      _ name: String, _ value: @escaping @Sendable (Comparison.Pairs) -> Int
    ) -> Column.Detail {
      Column.Detail(
        key: "\(key).\(name)",
        value: { comparison.pairs(of: $0, key).map { .integer(value($0)) } ?? .null })
    }
    return [
      known("differenceConfidence95") { PairedDifference.half($0.estimate.interval()) },
      counted("pairs") { $0.difference?.count ?? 0 }, counted("lostPairs") { $0.lost },
      known("differenceDegrees") { $0.estimate.degrees },
      known("differenceP") { $0.estimate.pValue },
      known("differenceSimultaneous95") { PairedDifference.half($0.simultaneous) },
      known("differenceAdjustedP") { $0.adjustedP },
      Column.Detail(
        key: "\(key).differenceOver",
        value: { point in
          comparison.difference(of: point, key).map {
            .string($0.absence == nil ? "seeds and images" : "seeds")
          } ?? .null
        }),
    ]
  }
}
