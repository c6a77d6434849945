import Foundation
import Records
import Settings
import Tables

/// How sensitive every arm is to its learning rate: its validation accuracy over the grid, and what
/// so many trials can be expected to find.
public struct RateTable: Sendable {
  /// One value of the grid.
  struct Trial: Sendable {
    let rate: Double
    let point: ResultPoint
    /// Over seeds; nil where a run failed or has no such metric: such a trial counts as 0.
    let statistics: SampleStatistics?

    var value: Double { statistics?.mean ?? 0 }
  }

  /// Rows that differ in the rate alone.
  struct Arm: Sendable {
    let name: String
    /// From the least rate to the greatest.
    let trials: [Trial]

    /// The first of the best; nil where every trial failed.
    var best: Trial? {
      let known = trials.filter { $0.statistics != nil }
      let most = known.map(\.value).max()
      return known.first { $0.value == most }
    }

    /// Whether the best rate is an end of the grid, beyond which a better one may lie.
    var isEdge: Bool {
      guard let best else { return false }
      return best.rate == trials.first?.rate || best.rate == trials.last?.rate
    }

    /// The expected best of k trials that are drawn from the grid, each value as likely.
    ///
    /// Source: Dodge, Gururangan, Card, Schwartz and Smith, "Show Your Work: Improved Reporting of
    /// Experimental Results", EMNLP 2019, section 3: Σ v[i] ((i/N)^k − ((i − 1)/N)^k), v sorted.
    func expectedBest(of count: Int) -> Double {
      let sorted = trials.map(\.value).sorted()
      let total = Double(sorted.count)
      return sorted.enumerated().reduce(0) { sum, entry in
        let (below, upTo) = (Double(entry.offset) / total, Double(entry.offset + 1) / total)
        return sum + entry.element * (pow(upTo, Double(count)) - pow(below, Double(count)))
      }
    }
  }

  let metric: Metric
  /// What the rates are called: `learning rate`.
  let title: String
  let arms: [Arm]
  let table: ResultTable

  /// - Parameters:
  ///   - table: its rows, and the first of its metrics, an accuracy.
  ///   - setting: of numbers, `learningRate`.
  /// - Throws: where no arm has two values of the setting, or the metric is no accuracy.
  public init(_ table: ResultTable, over setting: String) throws(ReportError) {
    metric = Metric(key: table.metric)
    self.table = table
    guard metric.isFraction else {
      throw ReportError("the metric must be an accuracy, as validation/top1: the greatest is best")
    }
    let path = try table.list.path(setting)
    let names = SettingNames(table.points)
    title = names.title(of: path)
    let others = names.varying.filter { $0 != path }
    let hasBudgets = table.budgets.count > 1
    var found: [(key: [String], name: String, trials: [Trial])] = []
    for point in table.points {
      guard let rate = point.settings[path]?.asNumber else { continue }
      let naming = ["network.block.kind", "network.network"]
      let settings = others.filter { !naming.contains($0) }
        .compactMap { other in
          point.settings[other].map { "\(names.title(of: other)) \($0.settingText)" }
        }
      let parts =
        [point.name ?? point.block] + settings
        + (hasBudgets ? [point.budget.map(ColumnList.text) ?? "no budget"] : [])
      let isWell = point.failed.isEmpty
      let trial = Trial(
        rate: rate, point: point,
        statistics: isWell ? point.statistics(of: metric.key) : nil)
      if let index = found.firstIndex(where: { $0.key == parts }) {
        found[index].trials.append(trial)
      } else {
        found.append((parts, parts.joined(separator: ", "), [trial]))
      }
    }
    arms = found.map { Arm(name: $0.name, trials: $0.trials.sorted { $0.rate < $1.rate }) }
    guard arms.contains(where: { $0.trials.count > 1 }) else {
      throw ReportError(
        "no arm has two values of \(title): there is no grid to look at; the rows are: "
          + RowPairing.list(table.points))
    }
  }

  /// All rates, the least first.
  var rates: [Double] { Set(arms.flatMap(\.trials).map(\.rate)).sorted() }

  static func text(_ rate: Double) -> String { String(format: "%g", rate) }
}

// MARK: Rendering

extension RateTable {
  public func rendered(as format: EffectFormat) -> String {
    switch format {
    case .markdown:
      ([grid.rendered(as: .markdown), expectations.rendered(as: .markdown)]
        + notes.map { Markdown.escaped(PrintableText.oneLine($0)) + "\n" })
        .joined(separator: "\n")
    case .csv: data.rendered(as: .csv)
    case .latex:
      LaTeXTable(grid, caption: notes[0], label: "rates", notes: Array(notes.dropFirst())).source
        + LaTeXTable(expectations, caption: notes[1], label: "expected-best", notes: []).source
    case .json: json
    }
  }

  /// A row an arm, a column a rate.
  private var grid: TextTable {
    let rates = rates
    var table = TextTable(
      ["\(metric.title) at \(title)"] + rates.map(Self.text) + ["best at", "end of its grid"])
    table.rows = arms.map { arm in
      let cells = rates.map { rate -> TextTable.Cell in
        guard let trial = arm.trials.first(where: { $0.rate == rate }) else { return .empty }
        return metric.text(trial.statistics).map { .written($0) } ?? .written("failed")
      }
      return [.text(arm.name)] + cells
        + [
          arm.best.map { .written(Self.text($0.rate)) } ?? .empty,
          .text(arm.best == nil ? NumberText.absent : arm.isEdge ? "yes" : "no"),
        ]
    }
    return table
  }

  private var trialCounts: ClosedRange<Int> { 1...max(1, arms.map(\.trials.count).max() ?? 1) }

  private var expectations: TextTable {
    var table = TextTable(
      ["expected best (%) of"] + trialCounts.map { $0 == 1 ? "1 trial" : "\($0) trials" })
    table.rows = arms.map { arm in
      [.text(arm.name)]
        + trialCounts.map { count in
          count > arm.trials.count
            ? .empty : .number(arm.expectedBest(of: count) * metric.scale, decimals: 2)
        }
    }
    return table
  }

  /// One line a trial, then one for each number of trials.
  private var rows: [[(key: String, value: JSON)]] {
    arms.flatMap { arm in
      arm.trials.map { trial in
        [
          ("kind", "trial"), ("arm", .string(arm.name)), ("rate", .number(trial.rate)),
          ("trials", .null), ("n", .integer(trial.statistics?.count ?? 0)),
          ("value", .known(trial.statistics?.mean)),
          ("confidence95", .known(trial.statistics?.confidence95)),
          ("isBest", .bool(trial.rate == arm.best?.rate)), ("isEdge", .bool(arm.isEdge)),
        ]
      }
        + (1...arm.trials.count).map { count in
          [
            ("kind", "expected best"), ("arm", .string(arm.name)), ("rate", .null),
            ("trials", .integer(count)), ("n", .null),
            ("value", .known(arm.expectedBest(of: count))), ("confidence95", .null),
            ("isBest", .null), ("isEdge", .bool(arm.isEdge)),
          ]
        }
    }
  }

  private var data: TextTable {
    var table = TextTable(rows.first?.map(\.key) ?? [])
    table.rows = rows.map { row in row.map { ResultTable.cell($0.value) } }
    return table
  }

  private var json: String {
    let objects = rows.map { row in
      JSON.object(Dictionary(row.map { ($0.key, $0.value) }) { $1 }).canonicalText
    }
    return """
      {"metric":\(JSON.string(metric.key).canonicalText),
      "notes":\(JSON.array(notes.map { .string($0) }).canonicalText),
      "rates":[
      \(objects.joined(separator: ",\n"))
      ]}

      """
  }

  /// One sentence or more a line, without markup.
  var notes: [String] {
    var notes = [
      "\(metric.title): mean ± 95 % confidence interval over seeds, at every \(title); the best is the "
        + "first of the greatest means.",
      "Expected best of so many trials, drawn from the grid with equal chances, each value the mean "
        + "over seeds (Dodge et al. 2019).",
    ]
    let edges = arms.filter(\.isEdge).map { "\($0.name) (\(Self.text($0.best?.rate ?? .nan)))" }
    notes.append(
      edges.isEmpty
        ? "No best \(title) lies at an end of its grid."
        : "At an end of its grid, which is to be extended, as a better value may lie beyond: "
          + "\(edges.joined(separator: "; ")).")
    if arms.contains(where: { $0.trials.contains { $0.statistics == nil } }) {
      notes.append("failed: a trial with a failed run, or without the metric; it counts as 0.")
    }
    if Set(arms.map { $0.trials.map(\.rate) }).count > 1 {
      notes.append(
        "Arms have different grids, so that the expected best is of unlike trials: give every arm the "
          + "same grid.")
    }
    if metric.key.hasPrefix("test/") {
      notes.append(
        "These are accuracies of the test itself: choosing by them makes results too good.")
    }
    return notes
  }
}
