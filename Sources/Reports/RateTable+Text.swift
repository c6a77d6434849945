// SPDX-License-Identifier: Apache-2.0

import Settings
import Tables

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
  private var rows: [Row] {
    arms.flatMap { arm -> [Row] in
      let trials = arm.trials.map { trial -> Row in
        [
          ("kind", "trial"), ("arm", .string(arm.name)), ("rate", .number(trial.rate)),
          ("trials", .null), ("n", .integer(trial.statistics?.count ?? 0)),
          ("value", .known(trial.statistics?.mean)),
          ("confidence95", .known(trial.statistics?.confidence95)),
          ("isBest", .bool(trial.rate == arm.best?.rate)), ("isEdge", .bool(arm.isEdge)),
        ]
      }
      let expectations = (1...arm.trials.count).map { count -> Row in
        [
          ("kind", "expected best"), ("arm", .string(arm.name)), ("rate", .null),
          ("trials", .integer(count)), ("n", .null),
          ("value", .known(arm.expectedBest(of: count))), ("confidence95", .null),
          ("isBest", .null), ("isEdge", .bool(arm.isEdge)),
        ]
      }
      return trials + expectations
    }
  }

  private typealias Row = [(key: String, value: JSON)]

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
