// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// One row a run, for statistics elsewhere: every setting and every metric, numbers as numbers.
extension ResultTable {
  var csvRuns: String {
    let columns = runColumns
    var table = TextTable(columns.map(\.key))
    let rows = (try? runsInOrder()) ?? uniqueRuns
    table.rows = rows.map { row in columns.map { Self.cell($0.value(row)) } }
    return table.rendered(as: .csv)
  }

  /// The runs as the query sorts them where rows are runs: by the name of a column here, or by any
  /// other column, of which a metric or a time is the run's own.
  func runsInOrder() throws(ReportError) -> [Row] {
    guard query.rowsAreRuns, !query.sort.isEmpty else { return uniqueRuns }
    let columns = Dictionary(runColumns.map { ($0.key, $0.value) }) { $1 }
    var keys: [SortKey<Row>] = []
    for name in query.sort {
      keys.append(
        try SortKey(name) { (name) throws(ReportError) in
          if let value = columns[name] { return value }
          let column = try sortable.column(name)
          return { row in column.runValue?(row.run) ?? column.value(row.point) }
        })
    }
    return SortKey.sorted(uniqueRuns, by: keys)
  }

  /// A run in the row that it belongs to.
  struct Row {
    let run: RunRecord
    let point: ResultPoint
    /// Every budget that the run's row stands under.
    let budgets: [RunRecord.Budget]

    /// The targets, a number where there is one.
    var targets: JSON {
      switch budgets.count {
      case 0: .null
      case 1: .integer(budgets[0].target)
      default: .string(budgets.map { "\($0.target)" }.joined(separator: "; "))
      }
    }

    /// What was matched.
    var quantities: JSON {
      let names = Set(budgets.map(\.quantity)).sorted()
      return names.isEmpty ? .null : .string(names.joined(separator: "; "))
    }
  }

  private typealias RunColumn = (key: String, value: (Row) -> JSON)

  /// Every run once, by its row and seed.
  private var uniqueRuns: [Row] {
    var known: Set<String> = []
    let alike = Dictionary(grouping: points, by: \.settings)
    return points.flatMap { point in
      let budgets = (alike[point.settings] ?? []).compactMap(\.budget)
      return point.runs.sorted { ($0.seed, $0.id) < ($1.seed, $1.id) }
        .filter { known.insert($0.id).inserted }
        .map { Row(run: $0, point: point, budgets: budgets) }
    }
  }

  private var runColumns: [RunColumn] {
    let runs = points.flatMap(\.runs)
    let settings = Set(points.flatMap(\.settings.values.keys)).sorted()
    let metrics = Set(runs.flatMap(\.results.keys)).sorted()
    let facts = Set(runs.flatMap(\.facts.keys)).filter { !repeats($0, settings) }.sorted()
    return Self.identity
      + settings.map { path in (path, { $0.point.settings[path] ?? .null }) }
      + Self.costs
      + metrics.map { key in (key, { Self.number($0.run.result(key)) }) }
      + differences
      + facts.map { key in (key, { Self.number($0.run.facts[key]) }) }
      + Self.circumstances
  }

  /// What each run gains over the reference's run of its seed.
  private var differences: [RunColumn] {
    guard let comparison else { return [] }
    return metrics.map { key in
      (
        "\(key).difference",
        { .known(comparison.difference(of: $0.run, in: $0.point, key)) }
      )
    }
  }

  /// Whether a fact is a setting once more, in every run that has it.
  private func repeats(_ fact: String, _ settings: [String]) -> Bool {
    settings.contains { path in
      path.hasSuffix(".\(fact)")
        && points.allSatisfy { point in
          let value = point.settings[path]?.asNumber
          return point.runs.allSatisfy { $0.facts[fact] == nil || $0.facts[fact] == value }
        }
    }
  }

  private static var identity: [RunColumn] {
    [
      ("id", { .string($0.run.id) }),
      ("name", { $0.point.name.map(JSON.string) ?? .null }),
      ("folder", { .string(NumberText.list($0.point.folders)) }),
      ("seed", { .integer($0.run.seed) }),
      ("status", { .string($0.run.failure == nil ? "finished" : "failed") }),
      ("reason", { $0.run.failure.map(JSON.string) ?? .null }),
    ]
  }

  private static var costs: [RunColumn] {
    [
      ("parameters", { .integer($0.run.cost.trainableParameters) }),
      ("nonTrainableParameters", { .integer($0.run.cost.nonTrainableParameters) }),
      ("multiplyAdds", { .integer($0.run.cost.multiplyAdds) }),
      ("budget", \.targets), ("budgetQuantity", \.quantities),
    ]
  }

  private static var circumstances: [RunColumn] {
    [
      ("millisecondsPerStep", { .known($0.run.provenance.millisecondsPerStep) }),
      ("jobs", { $0.run.jobs.map(JSON.integer) ?? .null }),
      ("sharedMachine", { $0.point.sharedMachine(with: $0.run).map(JSON.bool) ?? .null }),
      ("seconds", { .known($0.run.provenance.seconds) }),
      ("threads", { .integer($0.run.provenance.threads) }),
      ("processor", { .string($0.run.provenance.processor) }),
      ("commit", { .string($0.run.provenance.commit) }),
      ("started", { .string($0.run.provenance.started) }),
    ]
  }

  /// A number as pandas and R read it, where it is none, too.
  private static func number(_ value: Double?) -> JSON {
    guard let value else { return .null }
    if value.isFinite { return .number(value) }
    return .string(value.isNaN ? "NaN" : value > 0 ? "Inf" : "-Inf")
  }
}
