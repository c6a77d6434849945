// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

/// Curves stand where they were measured.
@Suite struct TrainingCurvesTests {
  private func run(_ seed: Int, _ curves: [String: [Double]]) -> RunRecord {
    var run = SyntheticRuns.run(block: "extreme-inception", seed: seed, top1: 0.5)
    run.curves = curves
    return run
  }

  @Test func seedsMeetAtTheirEpochs() throws {
    let runs = [
      run(1, ["test/epoch": [4, 8, 10], "test/top1": [0.1, 0.3, 0.4]]),
      run(2, ["test/epoch": [8, 10], "test/top1": [0.5, 0.6]]),
      run(3, ["test/epoch": [10], "test/top1": [.nan]]),
    ]
    let values = MeanCurve(runs, Metric(key: "test/top1")).values
    #expect(values.map(\.epoch) == [4, 8, 10])
    #expect(values.map { ($0.mean * 1e6).rounded() / 1e6 } == [10, 40, 50])
    #expect(values[0].interval == nil)
    let interval = try #require(values[1].interval)
    let spread = try #require(SampleStatistics([0.3, 0.5])?.confidence95)
    #expect(interval.low == 0)
    #expect(interval.high == min(1, 0.4 + spread) * 100)
  }

  @Test func withoutEpochsEveryEpochHasAValue() {
    let runs = [
      run(1, ["train/loss": [3, 2, 1], "test/epoch": [2]]), run(2, ["train/loss": [5, 4]]),
    ]
    let values = MeanCurve(runs, Metric(key: "train/loss")).values
    #expect(values.map(\.epoch) == [1, 2, 3])
    #expect(values.map(\.mean) == [4, 3, 1])
    #expect(values.last?.interval == nil)
  }

  @Test func evaluationsStandWhereTheyWere() throws {
    let runs = [
      run(
        1,
        [
          "train/loss": Array(repeating: 1, count: 10), "test/epoch": [4, 8, 10],
          "test/top1": [0.1, 0.2, 0.3],
        ])
    ]
    let script = try TrainingCurvesPlot(ResultTable(records: runs), curves: nil, title: nil)
      .picture().script
    #expect(script.contains("$mean1_0_0 << EOD\n4.0 10.0\n8.0 20.0\n10.0 30.0\nEOD"))
    #expect(script.contains("$mean0_0_0 << EOD\n1.0 1.0\n2.0 1.0\n"))
  }

  /// One epoch is a point, and the axis knows no half epochs.
  @Test func oneEpochIsAPoint() throws {
    let runs = [1, 2].map { seed in
      run(seed, ["train/loss": [1 + Double(seed)], "test/epoch": [1], "test/loss": [2]])
    }
    let script = try TrainingCurvesPlot(ResultTable(records: runs), curves: nil, title: nil)
      .picture().script
    #expect(script.contains("$mean0_0_0 << EOD\n1.0 2.5\nEOD"))
    #expect(script.contains("$mean0_0_0 with linespoints"))
    #expect(script.contains("$band0_0_0 with yerrorbars"))
    #expect(script.contains("set xrange [0.5:1.5]"))
    #expect(script.contains("set xtics ('' 1.0)"))
  }

  /// Points of one epoch stand side by side, each in a shape and a colour of its own.
  @Test func pointsOfOneEpochAreApart() throws {
    var runs = SyntheticRuns.sweep(seeds: 2)
    for index in runs.indices {
      runs[index].curves = ["train/loss": [1 + Double(index % 5) / 9], "train/epoch": [1]]
    }
    let plot = try TrainingCurvesPlot(ResultTable(records: runs), curves: nil, title: nil)
    let script = try plot.picture().script
    let places = script.matches(of: #/\$mean0_0_\d << EOD\n(?<x>[0-9.]+) /#).map(\.output.x)
    #expect(places.count == 7 && Set(places).count == 7)
    #expect(places.compactMap { Double($0) }.allSatisfy { $0 > 0.5 && $0 < 1.5 })
    let lines = script.split(separator: "\n").filter { $0.contains(/mean0_0_. with linespoints/) }
    let shapes = lines.compactMap { $0.firstMatch(of: /pointtype (\d+)/)?.output.1 }
    let colors = lines.compactMap { $0.firstMatch(of: /linecolor rgb '(#\w+)'/)?.output.1 }
    let sizes = lines.compactMap { $0.firstMatch(of: /pointsize ([0-9.]+)/)?.output.1 }
      .compactMap { Double($0) }
    #expect(shapes.count == 7 && Set(shapes).count == 7 && Set(colors).count == 7)
    #expect(sizes.count == 7 && sizes.allSatisfy { $0 > 0.6 })
  }

  /// Runs that failed are dashed to where they ended, and do not set the scale.
  @Test func failedRunsAreDashed() throws {
    var failed = SyntheticRuns.run(block: "regular-conv", seed: 1)
    failed.curves = ["train/loss": [2, 900, 1e9]]
    let good = run(2, ["train/loss": [2, 1.5, 1]])
    let script = try TrainingCurvesPlot(
      ResultTable(records: [failed, good]), curves: nil, title: nil
    ).picture().script
    #expect(script.contains(/\$failed0_0_0_0 << EOD\n1.0 2.0\n2.0 900.0\n3.0 1000000000.0/))
    #expect(script.contains("$failed0_0_0_0 with lines dashtype (6,4)"))
    #expect(script.contains("1 failed (dashed, to where they ended)"))
    let top = script.firstMatch(of: #/set yrange \[[^:]+:(?<top>[0-9.]+)\]/#)
    #expect(Double(top?.top ?? "") ?? 99 < 3)
    let alone = try TrainingCurvesPlot(ResultTable(records: [failed]), curves: nil, title: nil)
      .picture().script
    #expect(alone.contains("$failed0_0_0_0 with lines dashtype (6,4)"))
    failed.curves = [:]
    let none = #expect(throws: ReportError.self) {
      try TrainingCurvesPlot(ResultTable(records: [failed]), curves: nil, title: nil)
    }
    #expect(none?.description.contains("no run has curves") == true)
  }

  @Test func validationIsShownWhereItIs() throws {
    let curves = [
      "train/loss", "train/top1", "test/loss", "test/top1", "validation/loss", "validation/top1",
      "learningRate", "test/epoch", "validation/epoch",
    ]
    let runs = [run(1, Dictionary(uniqueKeysWithValues: curves.map { ($0, [0.5]) }))]
    func keys(_ curves: [String]?) throws -> [String] {
      try TrainingCurvesPlot(ResultTable(records: runs), curves: curves, title: nil).curves.map(
        \.key)
    }
    #expect(
      try keys(nil) == ["train/loss", "validation/loss", "train/top1", "validation/top1"])
    #expect(try keys(["learningRate", "test/top1"]) == ["learningRate", "test/top1"])
    let error = #expect(throws: ReportError.self) { try keys(["test/epoch"]) }
    #expect(error?.description.contains("no run has the curve \"test/epoch\"") == true)
  }

  /// Where a band leaves the panel it is cut on its way, not at the next epoch.
  @Test func bandsAreCutAtThePanel() throws {
    var runs = SyntheticRuns.sweep(seeds: 2).prefix(2).map { $0 }
    for (index, loss) in [[1.0, 1.0], [1.0, 3.0]].enumerated() {
      runs[index].curves = ["train/loss": loss]
    }
    let curve = MeanCurve(runs, Metric(key: "train/loss"))
    try #require(curve.values.count == 2)
    let last = try #require(curve.values[1].interval)
    let band = curve.band(within: (0.5, 2))
    // From 1 to `last.high`, 2 is reached at this share of the way.
    let share = 1 / (last.high - 1)
    #expect(band.map(\.epoch).contains { abs($0 - (1 + share)) < 1e-12 })
    #expect(band.allSatisfy { $0.low >= 0.5 && $0.high <= 2 && $0.low <= $0.high })
    #expect(band.map(\.epoch) == band.map(\.epoch).sorted() && band.last?.epoch == 2)
    let whole = curve.band(within: (-100, 100))
    #expect(whole.map(\.high) == [1, last.high])
  }
}
