// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Rows whose widths a budget solved.
@Suite struct SolvedWidthTests {
  /// One budget met by whole widths and, asked again, by a stem of its own: every arm has its
  /// reference, the one that was met likewise where there are two.
  @Test func howABudgetWasMetKeepsNoRowsApart() throws {
    func run(_ block: String, _ seed: Int, width: Int, stem: Int?) -> RunRecord {
      var run = SyntheticRuns.run(
        block: block, width: width, seed: seed, top1: 0.5 + Double(seed + width) / 100)
      if let stem {
        run.configuration = run.configuration.replacingOccurrences(
          of: "\"width\":", with: "\"stemWidth\":\(stem),\"width\":")
      }
      run.id = RunRecord.identifier(of: run.configuration)
      return run
    }
    let arms: [(block: String, width: Int, stem: Int?)] = [
      ("regular-conv", 20, nil), ("regular-conv", 21, 19), ("extreme-inception", 30, nil),
      ("extreme-inception", 31, 28), ("separable-conv", 32, nil),
    ]
    let runs = arms.flatMap { arm in
      [1, 2].map { run(arm.block, $0, width: arm.width, stem: arm.stem) }
    }
    let table = try ResultTable(records: runs, against: "regular-conv")
    func reference(_ block: String, _ width: Int) throws -> Double {
      let point = try #require(
        table.points.first { $0.block == block && $0.settings["network.width"] == .integer(width) })
      return try #require(table.comparison?.pairs(of: point, "test/top1")?.difference?.mean)
    }
    #expect(abs(try reference("extreme-inception", 30) - 0.1) < 1e-9)
    #expect(abs(try reference("extreme-inception", 31) - 0.1) < 1e-9)
    #expect(abs(try reference("separable-conv", 32) - 0.12) < 1e-9)
    let series = PlotSeries.series(of: table)
    #expect(
      Dictionary(uniqueKeysWithValues: series.map { ($0.name, $0.points.count) })
        == ["stem width = none": 3, "stem width as the budget needs": 2])
  }
}
