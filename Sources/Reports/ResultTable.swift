// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// The file formats of tables.
public enum TableFormat: String, CaseIterable, Sendable {
  case markdown, csv, latex, json
  /// One row a run, with every setting and every metric.
  case csvRuns = "csv-runs"
}

/// Results of sweeps, one row a configuration, rebuilt from run files alone.
///
/// Rows follow the spectrum: regular convolution, 1, 2, 4, … segments, extreme, separable, others.
/// Nothing is ever marked as the best: the intervals are there to be read, and `--best` names the
/// set that cannot be told from it.
public struct ResultTable: Sendable {
  /// The keys of the metrics, e.g. `test/top1`; the first is the one that plots show.
  public let metrics: [String]
  /// The rows.
  public let points: [ResultPoint]
  /// The names of all experiments that asked for runs of the table, sorted.
  let experiments: [String]
  let query: ResultQuery
  let choice: Choice?
  let comparison: Comparison?
  /// Why there is none with the reference that an experiment names; nil where there is one, or none
  /// is named.
  let withoutReference: String?
  /// By metric; empty where nobody asked.
  let bestSets: [BestSet]
  let damaged: [RunCollection.Damage]
  /// The identifiers of the runs of which no record says who asked for them.
  let unrecorded: Set<String>
  /// What so many seeds can find, as a note; nil where nothing is compared.
  private(set) var meaningOfPower: String?
  /// All columns that there are, and those that are shown to people and to programs.
  let list: ColumnList
  /// With the metrics that are not shown, too.
  let sortable: ColumnList
  let readableColumns: [Column]
  let dataColumns: [Column]

  public var metric: String { metrics[0] }

  /// The paths of the settings that tell its rows apart.
  public var varyingSettings: [String] { SettingNames(points).varying }

  /// - Parameters:
  ///   - runs: runs of any number of configurations and seeds.
  ///   - view: what of all that was ever asked is shown.
  ///   - query: which rows and columns, in which order, compared with what.
  /// - Throws: where there is no run, or something of the query means nothing here.
  public init(
    _ runs: RunCollection, view: ResultView = .all, query: ResultQuery = ResultQuery()
  ) throws(ReportError) {
    var conditions: [Condition] = []
    for text in query.conditions { conditions.append(try Condition(text, source: "--where")) }
    let members = try Condition.filter(view.members(of: runs), by: conditions)
    guard !members.isEmpty else { throw ReportError("there are no runs to report") }
    var shown = query.metrics.isEmpty ? ["test/top1"] : query.metrics
    var points = ResultPoint.points(of: members, view, runs.experiments)
    let finished = points.flatMap(\.finished)
    try Self.check(shown, finished)
    let known = Set(finished.flatMap(\.results.keys)).sorted()
    points = try Condition.filter(
      points, by: conditions, metrics: known, ofRuns: query.rowsAreRuns)
    (choice, points) = try Self.chosen(query, points)
    // Whoever names a metric among the columns wants to see it.
    shown += known.filter { key in
      !shown.contains(key) && query.columns.contains(where: Metric(key: key).isNamed)
    }
    let all = shown + (choice.map { shown.contains($0.metric) ? [] : [$0.metric] } ?? [])
    let free = choice?.free ?? []
    var cache = AnswerCache()
    (comparison, withoutReference) = try Self.compared(
      query, points, metrics: all, free: free,
      planned: view.references(of: members, runs.experiments), &cache)
    var bestSets: [BestSet] = []
    for metric in query.best ? all : [] {
      bestSets.append(try BestSet(points, metric, &cache))
    }
    self.bestSets = bestSets
    list = ColumnList(
      points, metrics: all, comparison: comparison, bestSets: bestSets,
      chosenOver: choice?.over ?? [])
    let others = known.filter { !all.contains($0) }
    sortable = ColumnList(
      points, metrics: all + others, comparison: comparison, bestSets: bestSets)
    self.points = query.rowsAreRuns ? points : try Self.sorted(points, by: query.sort, sortable)
    (readableColumns, dataColumns) = try Self.columns(query.columns, list)
    metrics = all
    experiments = view.experiments(of: members, runs.experiments)
    self.query = query
    damaged = runs.damaged
    unrecorded = if case .all = view { runs.unrecorded } else { [] }
    meaningOfPower = powerText()
    if query.rowsAreRuns { _ = try runsInOrder() }
  }

  /// - Parameters:
  ///   - records: runs in any order; copies count once.
  ///   - experiments: what was asked of them.
  ///   - metric: the key of a final metric.
  ///   - against: the rows whose results are subtracted from those of the others.
  public init(
    records: [RunRecord], experiments: [ExperimentRecord] = [], view: ResultView = .all,
    metric: String = "test/top1", against: String? = nil
  ) throws(ReportError) {
    var query = ResultQuery()
    query.metrics = [metric]
    query.against = against
    try self.init(
      RunCollection(records: records, experiments: experiments), view: view, query: query)
  }

  /// The table as text, with a line feed at its end.
  public func rendered(as format: TableFormat) -> String {
    switch format {
    case .markdown: markdown
    case .csv: csv
    case .latex: latex
    case .json: json
    case .csvRuns: csvRuns
    }
  }

  /// All different budgets as text, e.g. `2,570 parameters`.
  var budgets: [String] {
    points.map { $0.budget.map(ColumnList.text) ?? "no budget" }.reduce(into: []) { known, text in
      if !known.contains(text) { known.append(text) }
    }
  }
}

// MARK: Its parts

extension ResultTable {
  /// - Throws: the first metric that no finished run has.
  static func check(_ metrics: [String], _ finished: [RunRecord]) throws(ReportError) {
    let known = Set(finished.flatMap(\.results.keys)).sorted()
    for metric in metrics where !finished.isEmpty && !known.contains(metric) {
      let hint = Spelling.nearest(to: metric, among: known).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the metric \"\(metric)\"; "
          + "known here: \(NumberText.list(known))\(hint ?? "")")
    }
  }

  /// The comparison that was asked for, or else the one that the experiments planned.
  private static func compared(
    _ query: ResultQuery, _ points: [ResultPoint], metrics: [String], free: Set<String>,
    planned: [String], _ cache: inout AnswerCache
  ) throws(ReportError) -> (Comparison?, String?) {
    if let text = query.against {
      guard text != "none" else { return (nil, nil) }
      return (try Comparison(text, points, metrics: metrics, free: free, &cache), nil)
    }
    guard let text = planned.first else { return (nil, nil) }
    guard planned.count == 1 else {
      let names = planned.map { "\"\($0)\"" }
      return (nil, "experiments name several: \(NumberText.list(names)); --against chooses")
    }
    do throws(ReportError) {
      return (
        try Comparison(
          text, points, metrics: metrics, free: free, source: "reference", &cache), nil
      )
    } catch {
      return (nil, error.description)
    }
  }

  private static func chosen(
    _ query: ResultQuery, _ points: [ResultPoint]
  ) throws(ReportError) -> (Choice?, [ResultPoint]) {
    guard let rule = query.choice else {
      guard query.over.isEmpty else {
        throw ReportError("--over means nothing without --choose best:METRIC")
      }
      return (nil, points)
    }
    let choice = try Choice(rule, over: query.over, points)
    return (choice, choice.points)
  }

  private static func sorted(
    _ points: [ResultPoint], by names: [String], _ list: ColumnList
  ) throws(ReportError) -> [ResultPoint] {
    var keys: [SortKey<ResultPoint>] = []
    for name in names {
      keys.append(try SortKey(name) { (name) throws(ReportError) in try list.column(name).value })
    }
    return SortKey.sorted(points, by: keys)
  }

  private static func columns(
    _ names: [String], _ list: ColumnList
  ) throws(ReportError) -> (readable: [Column], data: [Column]) {
    guard !names.isEmpty else {
      return (list.columns.filter(\.isReadable), list.columns.filter(\.isData))
    }
    let differences = list.columns.filter { $0.minuend != nil }
    guard !names.contains("minus") || !differences.isEmpty else {
      throw ReportError("--columns minus means nothing without --against")
    }
    var columns: [Column] = []
    for name in names {
      for column in name == "minus" ? differences : [try list.column(name)] {
        guard !columns.contains(where: { $0.key == column.key }) else {
          throw ReportError("--columns names \"\(column.key)\" twice")
        }
        columns.append(column)
      }
    }
    columns = with(differences, columns)
    return (columns, columns)
  }

  /// Adds the differences of the metrics shown, each behind its metric, and all where none is.
  private static func with(_ differences: [Column], _ columns: [Column]) -> [Column] {
    let isBare = !columns.contains { column in
      column.minuend != nil || differences.contains { $0.minuend == column.key }
    }
    let missing = differences.filter { one in !columns.contains { $0.key == one.key } }
    return columns.flatMap { column in
      [column] + missing.filter { $0.minuend == column.key }
    } + (isBare ? missing : [])
  }
}

/// What rows are sorted by.
struct SortKey<Row> {
  private let isDescending: Bool
  private let value: (Row) -> JSON

  /// - Parameters:
  ///   - name: of a column, `-` before it for the greatest first.
  ///   - value: what a row has in the column of a name.
  init(
    _ name: String, _ value: (String) throws(ReportError) -> (Row) -> JSON
  ) throws(ReportError) {
    isDescending = name.hasPrefix("-")
    self.value = try value(isDescending ? String(name.dropFirst()) : name)
  }

  /// Rows that have no value come last, whichever way the others are sorted; of equal ones the
  /// first stays first.
  static func sorted(_ rows: [Row], by keys: [SortKey]) -> [Row] {
    guard !keys.isEmpty else { return rows }
    let keyed = rows.map { row in (row: row, values: keys.map { $0.value(row) }) }
    return keyed.enumerated().sorted { first, second in
      for (place, key) in keys.enumerated() {
        let (one, other) = (first.element.values[place], second.element.values[place])
        if one == other { continue }
        if one == .null || other == .null { return other == .null }
        let (left, right) = (LabelOrder(one), LabelOrder(other))
        if left < right { return !key.isDescending }
        if right < left { return key.isDescending }
      }
      return first.offset < second.offset
    }.map(\.element.row)
  }
}
