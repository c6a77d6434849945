import Records

/// A table as people read it: headers and cells in Unicode, which formats escape.
struct ReadableTable {
  struct Column {
    let title: String
    let isNumeric: Bool
    let cell: (ResultPoint) -> String
  }

  let titles: [String]
  let isNumeric: [Bool]
  let rows: [[String]]

  init(_ table: ResultTable) {
    let columns = Self.nameColumns(table) + Self.costColumns(table) + Self.resultColumns(table)
    titles = columns.map(\.title)
    isNumeric = columns.map(\.isNumeric)
    rows = table.points.map { point in columns.map { $0.cell(point) } }
  }

  private static func nameColumns(_ table: ResultTable) -> [Column] {
    var columns: [Column] = []
    if table.experiments.count > 1 {
      columns.append(Column(title: "experiment", isNumeric: false) { $0.experiment })
    }
    for name in table.varyingLabels {
      let values = table.points.compactMap { $0.label(name) }.filter { !$0.isEmpty }
      let isNumeric = values.allSatisfy { Double($0) != nil }
      columns.append(
        Column(title: NumberText.label(name), isNumeric: isNumeric) { point in
          let value = point.label(name) ?? ""
          return value.isEmpty ? NumberText.absent : value
        })
    }
    return columns
  }

  private static func costColumns(_ table: ResultTable) -> [Column] {
    var columns: [Column] = []
    if table.points.contains(where: { $0.width != nil }) {
      columns.append(Column(title: "width", isNumeric: true) { $0.width ?? NumberText.absent })
    }
    columns.append(
      Column(title: "parameters", isNumeric: true) {
        NumberText.grouped($0.cost.trainableParameters)
      })
    columns.append(
      Column(title: "multiply-adds", isNumeric: true) {
        NumberText.grouped($0.cost.multiplyAdds)
      })
    if table.budgets.count > 1 {
      columns.append(
        Column(title: "budget", isNumeric: true) { point in
          point.budget.map { "\(NumberText.grouped($0.target)) \($0.quantity)" }
            ?? NumberText.absent
        })
    }
    if table.points.contains(where: { $0.budget != nil }) {
      columns.append(
        Column(title: "mismatch (%)", isNumeric: true) { point in
          point.budget.map { NumberText.fixed($0.mismatch * 100, decimals: 2, signed: true) }
            ?? NumberText.absent
        })
    }
    return columns
  }

  private static func resultColumns(_ table: ResultTable) -> [Column] {
    let metric = Metric(key: table.metric)
    var columns = [
      Column(title: "n", isNumeric: true) { point in
        let count = "\(point.values(of: metric.key).count)"
        return point.failed.isEmpty ? count : "\(count), \(point.failed.count) failed"
      },
      Column(title: metric.title, isNumeric: true) { point in
        metric.text(point.statistics(of: metric.key))
      },
    ]
    if table.points.contains(where: { $0.fact("bestPossibleAccuracy") != nil }) {
      columns.append(Column(title: "best possible (%)", isNumeric: true, cell: bestPossible))
    }
    if table.points.contains(where: { $0.millisecondsPerStep != nil }) {
      columns.append(
        Column(title: "ms/step", isNumeric: true) { point in
          guard let time = point.millisecondsPerStep else { return NumberText.absent }
          return NumberText.fixed(time, decimals: time < 10 ? 2 : time < 100 ? 1 : 0)
        })
    }
    return columns
  }

  private static func bestPossible(_ point: ResultPoint) -> String {
    guard let accuracy = point.fact("bestPossibleAccuracy") else { return NumberText.absent }
    let error = point.fact("bestPossibleAccuracyError")
    return NumberText.interval(accuracy * 100, error.map { $0 * 100 }, decimals: 2)
  }
}
