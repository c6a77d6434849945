import Records
import Settings
import Tables

/// The columns of what came out.
extension ColumnList {
  static func results(
    _ points: [ResultPoint], _ metrics: [String], _ comparison: Comparison?
  ) -> [Column] {
    let isChoice = points.contains { $0.chosen != nil }
    return [
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
      + metrics.flatMap { key in
        [metric(key)] + (comparison.map { [difference(key, $0, of: metrics.count)] } ?? [])
      }
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
        metric.text(comparison.pairs(of: point, key)?.difference, signed: true)
          .map(TextTable.Cell.written) ?? .empty
      },
      more: [
        Column.Detail(
          key: "\(key).differenceConfidence95",
          value: { .known(comparison.pairs(of: $0, key)?.difference?.confidence95) }),
        Column.Detail(
          key: "\(key).pairs",
          value: { point in
            comparison.pairs(of: point, key).map { .integer($0.difference?.count ?? 0) } ?? .null
          }),
        Column.Detail(
          key: "\(key).lostPairs",
          value: { point in
            comparison.pairs(of: point, key).map { .integer($0.lost) } ?? .null
          }),
      ])
  }
}
