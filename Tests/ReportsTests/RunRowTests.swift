// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// `--format csv-runs`: one row a run.
@Suite struct RunRowTests {
  private func table(
    _ change: (inout ResultQuery) -> Void, _ records: [RunRecord]
  ) throws -> ResultTable {
    var query = ResultQuery()
    change(&query)
    return try ResultTable(RunCollection(records: records), query: query)
  }

  /// For pandas and R: every run once, every setting and metric, numbers as numbers.
  @Test func runsAreRowsWithEverythingThatIsKnown() throws {
    var runs = SyntheticRuns.queried
    runs[0].status = .failed(reason: "step 7: loss is not finite, \"at once\"")
    runs[0].metrics = [:]
    let lines = try table({ _ in }, runs + runs).rendered(as: .csvRuns)
      .split(separator: "\n").map(String.init)
    #expect(lines.count == 1 + 30)
    let header = lines[0].split(separator: ",").map(String.init)
    #expect(Set(header).count == header.count)
    for name in [
      "id", "seed", "status", "data.lambda", "network.block.segments", "network.width",
      "training.optimizer.learningRate", "test/top1", "test/loss", "train/loss", "parameters",
      "millisecondsPerStep", "jobs", "budget",
    ] { #expect(header.contains(name), "\(name)") }
    let failed = lines.filter { $0.contains(",failed,") }
    #expect(failed.count == 1)
    #expect(failed[0].contains("\"step 7: loss is not finite, \"\"at once\"\"\""))
    let plain = try #require(lines.first { $0.contains("regular-conv") && $0.contains(",0.001,") })
    let fields = plain.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    let index = try #require(header.firstIndex(of: "training.optimizer.learningRate"))
    // No field before it holds a comma.
    #expect(fields[index] == "0.001")
  }

  /// A run that failed has curves to where it failed, and no results.
  @Test(arguments: ["test/top1>0.1", "test/top1!=0.5", "test/top1=none", "train/loss<9"])
  func failedRunsHaveNoMetrics(condition: String) throws {
    var runs = SyntheticRuns.queried
    runs[0].status = .failed(reason: "stopped")
    runs[0].metrics = [:]
    try #require(runs[0].curves["test/top1"]?.last ?? 0 > 0.1)
    #expect(runs[0].results == [:])
    let lines = try table({ $0.rowsAreRuns = true }, runs).rendered(as: .csvRuns)
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let failed = try #require(lines.first { $0.contains("failed") })
    for key in ["test/top1", "train/loss"] {
      #expect(failed[try #require(lines[0].firstIndex { $0 == key })].isEmpty, "\(key)")
    }
    let kept = try? table(
      {
        $0.rowsAreRuns = true
        $0.conditions = [condition]
      }, runs)
    #expect(kept?.points.flatMap(\.failed).isEmpty ?? true)
  }

  /// A fact that is a setting is no second column; one that says more is.
  @Test func factsThatRepeatASettingAreNoColumns() throws {
    var runs = Array(SyntheticRuns.sweep(seeds: 1).suffix(2))
    for index in runs.indices { runs[index].facts["lambda"] = index == 0 ? 1 : 0 }
    func header() throws -> [Substring] {
      try table({ _ in }, runs).rendered(as: .csvRuns).split(separator: "\n")[0].split(
        separator: ",")
    }
    #expect(try !header().contains("lambda") && header().contains("data.lambda"))
    #expect(try header().contains("bestPossibleAccuracy"))
    runs[0].facts["lambda"] = 0.5
    #expect(try header().contains("lambda"))
  }
}
