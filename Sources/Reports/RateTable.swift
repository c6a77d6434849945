// SPDX-License-Identifier: Apache-2.0

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
