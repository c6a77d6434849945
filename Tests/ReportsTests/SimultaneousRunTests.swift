// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Runs that other processes made at the same time.
@Suite struct SimultaneousRunTests {
  /// - Parameter sessions: begin and length in seconds.
  private func run(
    _ seed: Int, _ sessions: [(begin: Int, seconds: Double)], processor: String = "A"
  ) -> RunRecord {
    var run = SyntheticRuns.run(block: "regular-conv", seed: seed, top1: 0.5)
    run.provenance.sessions = sessions.map { begin, seconds in
      let second = begin % 60 < 10 ? "0\(begin % 60)" : "\(begin % 60)"
      return RunRecord.Session(
        commit: "", processor: processor, level: "", blasKernels: "", threads: 1, jobs: 1,
        started: "2026-12-01T00:0\(begin / 60):\(second)Z", seconds: seconds, firstEpoch: 0,
        lastEpoch: 1)
    }
    return run
  }

  private func marked(_ runs: [RunRecord]) -> [Int] {
    let found = SimultaneousRuns.identifiers(of: runs)
    return runs.filter { found.contains($0.id) }.map(\.seed)
  }

  @Test func overlappingSessionsAreFound() {
    #expect(marked([run(1, [(0, 20)]), run(2, [(10, 20)])]) == [1, 2])
    // One after the other, as a single job makes them, to the second that dates have.
    #expect(marked([run(1, [(0, 10)]), run(2, [(10, 10)]), run(3, [(19, 10)])]) == [])
    #expect(marked([run(1, [(0, 20)]), run(2, [(10, 20)], processor: "B")]) == [])
    // A later stretch of a run that was stopped, inside another's.
    #expect(
      marked([run(1, [(0, 5), (100, 5)]), run(2, [(90, 60)]), run(3, [(30, 9)])]) == [1, 2])
    // A run's own stretches are never side by side.
    #expect(marked([run(1, [(0, 30), (10, 5)])]) == [])
  }

  @Test func everyPairIsFoundAsOneByOne() {
    var state: UInt64 = 7
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<200 {
      let spans = (0..<8).map { _ in (begin: next(100), seconds: Double(2 + next(30))) }
      let runs = spans.enumerated().map { run($0.offset, [$0.element]) }
      let plain = spans.indices.filter { first in
        spans.indices.contains { second in
          let (one, other) = (spans[first], spans[second])
          return first != second
            && Double(one.begin + 1) < Double(other.begin) + other.seconds
            && Double(other.begin + 1) < Double(one.begin) + one.seconds
        }
      }
      #expect(marked(runs) == plain)
    }
  }

  @Test func theirTimesAreMarked() throws {
    let runs = [run(1, [(0, 20)]), run(2, [(10, 20)])]
    var query = ResultQuery()
    query.columns = ["block", "ms/step"]
    let table = try ResultTable(RunCollection(records: runs), query: query)
    #expect(table.rendered(as: .markdown).contains("5.50* |"))
    #expect(table.notes.contains { $0.contains("of its kind at the same time") })
    #expect(table.rendered(as: .csv).contains(",true"))
    let lines = table.rendered(as: .csvRuns).split(separator: "\n")
    #expect(lines[0].contains("jobs,sharedMachine,seconds"))
    #expect(lines.dropFirst().allSatisfy { $0.contains(",1,true,") })
  }
}
