// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Settings that some rows have and others of their kind do not.
@Suite struct AbsentSettingTests {
  private static let digest = String(repeating: "0123456789abcdef", count: 4)

  /// Two blocks from random weights, and two from a file's.
  private static func runs(freeze: [String] = ["nothing"]) -> [RunRecord] {
    ["regular-conv", "separable-conv"].flatMap { block in
      [1, 2].flatMap { seed -> [RunRecord] in
        let plain = SyntheticRuns.run(block: block, seed: seed, top1: 0.5 + Double(seed) / 100)
        return [plain]
          + freeze.map { freeze in
            var run = plain
            run.configuration =
              plain.configuration.dropLast()
              + ",\"transfer\":{\"freeze\":\"\(freeze)\",\"weights\":\"\(digest)\"}}"
            run.id = RunRecord.identifier(of: run.configuration)
            return run
          }
      }
    }
  }

  private func table(
    _ against: String? = nil, where condition: String? = nil, _ runs: [RunRecord] = runs()
  ) throws -> ResultTable {
    var query = ResultQuery()
    query.against = against
    query.conditions = [condition].compactMap(\.self)
    return try ResultTable(RunCollection(records: runs), query: query)
  }

  /// A line without what another has says so.
  @Test func linesOfPlotsNameWhatTheyLack() throws {
    let names = PlotSeries.series(of: try table()).map(\.name)
    #expect(
      names == ["freeze = none, weights = none", "freeze = nothing, weights = 01234567"])
  }

  /// Every row, as it is called, can be the reference; weights bring along what is frozen.
  @Test func rowsAreCalledByWhatTheyLack() throws {
    let labels = RowLabels(try table().points)
    for point in try table().points {
      let label = labels.label(of: point)
      #expect(RowLabels(try table().points).words(of: point).count == 3, "\(label)")
      let comparison = try #require(try table(label).comparison)
      let pairs = try table().points.compactMap { comparison.pairs(of: $0, "test/top1") }
      #expect(pairs.compactMap(\.difference).count == 3, "\(label)")
    }
    for reference in ["weights=none", "weights=01234567", "weights=\(Self.digest)"] {
      let comparison = try #require(try table(reference).comparison)
      let pairs = try table().points.compactMap { comparison.pairs(of: $0, "test/top1") }
      #expect(pairs.compactMap(\.difference?.count) == [2, 2], "\(reference)")
    }
  }

  @Test func aDigestIsSaidByItsFirstDigits() throws {
    #expect(try table(where: "weights=01234567").points.count == 2)
    #expect(try table(where: "weights=none").points.count == 2)
    #expect(throws: ReportError.self) { try table(where: "weights=0123") }
    let text = try table().rendered(as: .markdown)
    #expect(text.contains(" 01234567 ") && !text.contains(Self.digest))
    #expect(try table().rendered(as: .csv).contains(Self.digest))
  }

  /// What of one file is frozen is another difference.
  @Test func whatIsFrozenDiffersByItself() throws {
    let runs = Self.runs(freeze: ["nothing", "base"])
    let names = PlotSeries.series(of: try table(nil, where: nil, runs)).map(\.name)
    #expect(Set(names).count == 3)
    let comparison = try #require(try table("freeze=base", where: nil, runs).comparison)
    let pairs = try table(nil, where: nil, runs).points.compactMap {
      comparison.pairs(of: $0, "test/top1")
    }
    #expect(pairs.compactMap(\.difference?.count) == [2, 2])
  }
}
