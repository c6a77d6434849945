// SPDX-License-Identifier: Apache-2.0

import Decoupling
import ExperimentRunner
import Reports
import Settings
import Tables

/// How the stages of networks come apart while they train: readings of weights that runs kept after
/// some of their epochs.
struct DecouplingEpochs {
  /// The kernels of a stage after an epoch, of all runs.
  private struct Cell {
    let epoch: Int
    let stage: String
    let rows: [DecouplingRow]

    /// One run counts once, however many layers the stage has.
    var files: [String] {
      rows.map(\.file).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    func mean(_ value: (DecouplingRow) -> Double, of file: String? = nil) -> Double {
      let own = rows.filter { file == nil || $0.file == file }
      return own.reduce(0) { $0 + value($1) } / Double(own.count)
    }
  }

  private let cells: [Cell]
  private let epochs: [Int]
  private let stages: [String]
  private let curve: CouplingCurve?

  /// - Parameter rows: one a layer and file.
  /// - Throws: where a file's name does not say of which epoch it is.
  init(_ rows: [DecouplingRow], _ curve: CouplingCurve?) throws(CommandError) {
    var placed: [(epoch: Int, row: DecouplingRow)] = []
    for row in rows {
      guard let epoch = ResultsFolder.epoch(ofWeights: row.file) else {
        throw .refused(
          "\(row.file) does not say of which epoch it is; --epochs takes the files that runs with "
            + "--keep-epochs write, RESULTS/weights/<run>/epoch-0001.h5 and so on")
      }
      placed.append((epoch, row))
    }
    epochs = Set(placed.map(\.epoch)).sorted()
    stages = rows.map(\.stage).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    self.curve = curve
    let (epochs, stages) = (epochs, stages)
    cells = stages.flatMap { stage in
      epochs.compactMap { epoch in
        let own = placed.filter { $0.epoch == epoch && $0.row.stage == stage }.map(\.row)
        return own.isEmpty ? nil : Cell(epoch: epoch, stage: stage, rows: own)
      }
    }
  }

  private func like(_ cell: Cell) -> CouplingCurve.Reading? {
    curve?.lambda(of: cell.mean(\.excess), ofMean: cell.files.count)
  }

  // MARK: Output

  var readable: TextTable {
    var table = TextTable(
      ["stage", "epoch", "runs", "kernels", "per output", "per input"]
        + (curve == nil ? [] : ["like λ", "95 % interval"]))
    table.rows = cells.map { cell in
      [
        .text(cell.stage), .integer(cell.epoch), .integer(cell.files.count),
        .integer(cell.rows.count), .number(cell.mean(\.excess), decimals: 3),
        .number(cell.mean(\.excessPerInput), decimals: 3),
      ]
        + (like(cell).map { like in
          [
            .number(like.lambda, decimals: 2),
            like.interval.map { .written(DecouplingTable.text($0, decimals: 2)) } ?? .empty,
          ]
        } ?? [])
    }
    return table
  }

  var data: TextTable {
    var table = TextTable(fields.first?.map(\.0) ?? [])
    table.rows = fields.map { row in
      row.map { _, value in
        switch value {
        case .null: .empty
        case .string(let text): .text(text)
        default: .written(value.canonicalText)
        }
      }
    }
    return table
  }

  var json: JSONDocument {
    .list(fields.map { row in .object(row.map { ($0.0, .value($0.1)) }) })
  }

  private var fields: [[(String, JSON)]] {
    cells.map { cell in
      let like = like(cell)
      func number(_ value: Double?) -> JSON { value.map(JSON.number) ?? .null }
      return [
        ("stage", .string(cell.stage)), ("epoch", .integer(cell.epoch)),
        ("runs", .integer(cell.files.count)), ("kernels", .integer(cell.rows.count)),
        ("aboveNullPerOutput", .number(cell.mean(\.excess))),
        ("aboveNullPerInput", .number(cell.mean(\.excessPerInput))),
        ("likeLambda", number(like?.lambda)),
        ("likeLambdaLower", number(like?.interval?.lowerBound)),
        ("likeLambdaUpper", number(like?.interval?.upperBound)),
      ]
    }
  }

  /// Every stage over the epochs; dots are single runs.
  var figure: CategoryFigure {
    let series = stages.map { stage in
      CategoryFigure.Series(
        name: stage,
        marks: cells.filter { $0.stage == stage }.map { cell in
          let singles = cell.files.map { cell.mean(\.excess, of: $0) }
          return CategoryFigure.Mark(
            place: epochs.firstIndex(of: cell.epoch) ?? 0, value: cell.mean(\.excess),
            singles: singles.count > 1 ? singles : [])
        })
    }
    let runs = cells.map(\.files.count).max() ?? 1
    return CategoryFigure(
      title: "When do spatial convolutions become separable?",
      subtitle: runs == 1 ? "1 run" : "\(runs) runs · mean; dots: single runs",
      axisTitle: "epochs of training", places: epochs.map { "\($0)" },
      valueTitle: "share per output above chance",
      range: DecouplingFigure.range(of: series.flatMap(\.marks)), series: series)
  }
}
