import Records
import Tables

/// The table as people read it.
extension ResultTable {
  var readable: TextTable {
    let columns = nameColumns + costColumns + resultColumns
    var table = TextTable(columns.map(\.title))
    table.rows = points.map { point in columns.map { $0.cell(point) } }
    return table
  }

  private typealias Column = (title: String, cell: (ResultPoint) -> TextTable.Cell)

  private var nameColumns: [Column] {
    var columns: [Column] = []
    if experiments.count > 1 { columns.append(("experiment", { .text($0.experiment) })) }
    for name in varyingLabels {
      let values = points.compactMap { $0.label(name) }.filter { !$0.isEmpty }
      let isNumeric = values.allSatisfy { Double($0) != nil }
      columns.append(
        (
          NumberText.label(name),
          { point in
            guard let value = point.label(name), !value.isEmpty else {
              return Self.absent(isNumeric)
            }
            return isNumeric ? .written(value) : .text(value)
          }
        ))
    }
    return columns
  }

  /// A dash that leaves a column of words on the left.
  private static func absent(_ isNumeric: Bool) -> TextTable.Cell {
    isNumeric ? .empty : .text(NumberText.absent)
  }

  private var costColumns: [Column] {
    var columns: [Column] = []
    if points.contains(where: { $0.width != nil }) {
      columns.append(("width", { $0.width.map(TextTable.Cell.written) ?? .empty }))
    }
    columns.append(("parameters", { .integer($0.cost.trainableParameters) }))
    columns.append(("multiply-adds", { .integer($0.cost.multiplyAdds) }))
    if budgets.count > 1 {
      columns.append(
        (
          "budget",
          { point in
            point.budget.map { .written("\(NumberText.grouped($0.target)) \($0.quantity)") }
              ?? .empty
          }
        ))
    }
    if points.contains(where: { $0.budget != nil }) {
      columns.append(
        (
          "mismatch (%)",
          { point in
            point.budget.map { .number($0.mismatch * 100, decimals: 2, signed: true) } ?? .empty
          }
        ))
    }
    return columns
  }

  private var resultColumns: [Column] {
    let metric = Metric(key: metric)
    var columns: [Column] = [
      (
        "n",
        { point in
          let count = "\(point.values(of: metric.key).count)"
          return .written(
            point.failed.isEmpty ? count : "\(count), \(point.failed.count) failed")
        }
      ),
      (metric.title, { Self.written(metric.text($0.statistics(of: metric.key))) }),
    ]
    if let against {
      columns.append(
        (
          metric.titled("minus \(against)"),
          { Self.written(metric.text(difference(of: $0), signed: true)) }
        ))
    }
    if points.contains(where: { $0.fact("bestPossibleAccuracy") != nil }) {
      columns.append(("best possible (%)", { Self.written(Self.bestPossible($0)) }))
    }
    if points.contains(where: { $0.millisecondsPerStep != nil }) {
      columns.append(
        (
          "ms/step",
          { point in
            guard let time = point.millisecondsPerStep else { return .empty }
            return .number(time, decimals: time < 10 ? 2 : time < 100 ? 1 : 0)
          }
        ))
    }
    return columns
  }

  private static func written(_ text: String?) -> TextTable.Cell {
    text.map(TextTable.Cell.written) ?? .empty
  }

  private static func bestPossible(_ point: ResultPoint) -> String? {
    guard let accuracy = point.fact("bestPossibleAccuracy") else { return nil }
    let error = point.fact("bestPossibleAccuracyError")
    return NumberText.interval(accuracy * 100, error.map { $0 * 100 }, decimals: 2)
  }
}
