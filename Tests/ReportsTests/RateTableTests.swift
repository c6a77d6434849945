// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Testing

@testable import Reports

/// Learning rates: the best of a grid, its ends, and the expected best of k trials.
@Suite struct RateTableTests {
  private func run(
    _ block: String, _ rate: String, _ accuracy: Double?, seed: Int = 0
  ) -> RunRecord {
    var run = SyntheticRuns.run(block: block, seed: seed, top1: accuracy, rate: rate)
    run.metrics["validation/top1"] = accuracy
    return run
  }

  private var runs: [RunRecord] {
    [
      run("regular-conv", "0.01", 0.5), run("regular-conv", "0.03", 0.7),
      run("regular-conv", "0.1", 0.6), run("separable-conv", "0.01", 0.4),
      run("separable-conv", "0.03", 0.5), run("separable-conv", "0.1", 0.8),
    ]
  }

  private func table(_ runs: [RunRecord], metric: String = "validation/top1") throws -> RateTable {
    var query = ResultQuery()
    query.metrics = [metric]
    return try RateTable(
      ResultTable(RunCollection(records: runs), query: query), over: "learningRate")
  }

  @Test func theBestAndTheEndsAreFound() throws {
    let table = try table(runs)
    #expect(table.arms.map(\.name) == ["regular-conv", "separable-conv"])
    #expect(table.arms.map { $0.best?.rate } == [0.03, 0.1])
    #expect(table.arms.map(\.isEdge) == [false, true])
    #expect(
      table.notes.contains {
        $0.hasPrefix("At an end of its grid") && $0.hasSuffix("separable-conv (0.1).")
      })
    #expect(table.rendered(as: .markdown).contains("| validation top-1 (%) at learning rate |"))
  }

  /// By hand: 0.5/9 + 0.6·3/9 + 0.7·5/9.
  @Test func theExpectedBestIsThatOfDodge() throws {
    let arm = try table(runs).arms[0]
    #expect(abs(arm.expectedBest(of: 1) - 0.6) < 1e-12)
    #expect(abs(arm.expectedBest(of: 2) - (0.5 + 1.8 + 3.5) / 9) < 1e-12)
    #expect(arm.expectedBest(of: 3) > arm.expectedBest(of: 2) && arm.expectedBest(of: 50) > 0.699)
  }

  @Test func aFailedTrialCountsAsNothing() throws {
    let failed = runs + [run("regular-conv", "0.3", nil)]
    let table = try table(failed)
    let arm = table.arms[0]
    #expect(arm.trials.count == 4 && arm.best?.rate == 0.03)
    #expect(abs(arm.expectedBest(of: 1) - 1.8 / 4) < 1e-12)
    #expect(table.notes.contains { $0.contains("it counts as 0") })
    #expect(table.notes.contains { $0.contains("different grids") })
    #expect(table.rendered(as: .markdown).contains("failed"))
  }

  @Test func whatIsNoGridOrNoAccuracyIsRefused() throws {
    let single = #expect(throws: ReportError.self) { try self.table([runs[0], runs[3]]) }
    #expect(single?.description.contains("there is no grid") == true)
    let loss = #expect(throws: ReportError.self) { try self.table(runs, metric: "test/loss") }
    #expect(loss?.description.contains("must be an accuracy") == true)
    #expect(try table(runs, metric: "test/top1").notes.contains { $0.contains("too good") })
  }

  @Test func formatsAndFigure() throws {
    let again = runs.map { run -> RunRecord in
      var other = run
      (other.id, other.seed) = (run.id + "b", 1)
      other.configuration = run.configuration.replacingOccurrences(
        of: "\"seed\":0,\"training\"", with: "\"seed\":1,\"training\"")
      return other
    }
    let table = try table(runs + again)
    #expect(table.arms.allSatisfy { $0.trials.allSatisfy { $0.statistics?.count == 2 } })
    #expect(table.rendered(as: .csv).split(separator: "\n").count == 1 + 6 + 6)
    _ = try JSON(text: table.rendered(as: .json), source: "rates")
    #expect(table.rendered(as: .latex).contains("expected best"))
    let script = try CategoryPlot(table.figure, size: PlotSize()).picture().script
    #expect(script.contains("$means1") && script.contains("learning rate"))
    #expect(!script.contains("segments into which"))
  }
}
