// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// `--against`: any row is a reference, and nothing to compare is an error.
@Suite struct ComparisonTests {
  private static let sweep = SyntheticRuns.sweep(seeds: 3)

  private func differences(_ against: String, _ records: [RunRecord]) throws -> [Double?] {
    let table = try ResultTable(records: records, against: against)
    return table.points.map { table.comparison?.pairs(of: $0, "test/top1")?.difference?.mean }
  }

  private func refusal(_ against: String, _ records: [RunRecord] = sweep) -> String {
    let error = #expect(throws: ReportError.self) {
      try ResultTable(records: records, against: against)
    }
    return error?.description ?? ""
  }

  @Test(arguments: [
    "segmented-inception,segments=4", "segmented-inception, network.block.segments=4", "segments=4",
  ])
  func aRowIsNamedByBlockAndConditions(against: String) throws {
    let found = try differences(against, Self.sweep)
    #expect(found.count == 14)
    #expect(found.indices.filter { found[$0] == nil } == [3, 10])
    let expected = try ResultTable(records: Self.sweep).points
    let mean = { (index: Int) in expected[index].statistics(of: "test/top1")?.mean ?? .nan }
    #expect(abs((found[0] ?? .nan) - (mean(0) - mean(3))) < 1e-12)
    #expect(abs((found[13] ?? .nan) - (mean(13) - mean(10))) < 1e-12)
  }

  /// What a reference is named by is what rows may differ in; all else is equal.
  @Test func aSettingAloneIsAReference() throws {
    let found = try differences("lambda=0", Self.sweep)
    #expect(found.prefix(7).allSatisfy { $0 == nil })
    #expect(found.suffix(7).allSatisfy { $0 != nil })
  }

  @Test func severalRowsOfABlockAreAnErrorThatListsThem() {
    let text = refusal("segmented-inception")
    #expect(text.contains("means several rows: segmented-inception,segments=1"))
    #expect(text.contains("--against 'segmented-inception,segments=1'"))
  }

  @Test func nothingThatMatchesIsAnErrorThatListsTheRows() {
    #expect(
      refusal("segmented-inception,segments=3").hasPrefix(
        "no row is \"segmented-inception,segments=3\"; the rows are: regular-conv,lambda=0; "
          + "segmented-inception,segments=1,lambda=0; "))
    #expect(refusal("segments").contains("no run has the block \"segments\""))
    #expect(refusal("segmens=4").contains("no run has the setting \"segmens\""))
  }

  @Test func nothingToCompareIsAnError() {
    let runs = [
      SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5),
      SyntheticRuns.run(block: "extreme-inception", seed: 2, top1: 0.5),
    ]
    #expect(refusal("regular-conv", runs).contains("leaves nothing to compare"))
    #expect(refusal("regular-conv", [runs[0]]).contains("leaves nothing to compare"))
  }

  @Test func budgetsAreNeverMixed() throws {
    let runs = [
      SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5, target: 2_500),
      SyntheticRuns.run(block: "extreme-inception", seed: 1, top1: 0.6, target: 5_000),
    ]
    #expect(refusal("regular-conv", runs).contains("leaves nothing to compare"))
  }

  @Test func pairsLostToFailuresAreCounted() throws {
    let runs = [
      SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5),
      SyntheticRuns.run(block: "regular-conv", seed: 2),
      SyntheticRuns.run(block: "regular-conv", seed: 3, top1: 0.5),
      SyntheticRuns.run(block: "extreme-inception", seed: 1, top1: 0.75),
      SyntheticRuns.run(block: "extreme-inception", seed: 2, top1: 0.7),
      SyntheticRuns.run(block: "extreme-inception", seed: 3),
      SyntheticRuns.run(block: "extreme-inception", seed: 4),
    ]
    let table = try ResultTable(records: runs, against: "regular-conv")
    let pairs = try #require(table.comparison?.pairs(of: table.points[1], "test/top1"))
    #expect(pairs.difference?.count == 1)
    #expect(pairs.difference?.mean == 0.25)
    #expect(pairs.lost == 2)
    #expect(table.notes.contains { $0.contains("Lost to failed runs: 2 pairs.") })
    let csv = table.rendered(as: .csv).split(separator: "\n")
    #expect(csv[2].contains(",0.25,,1,2,"))
  }

  @Test func whereAllPairsAreLostTheErrorSaysSo() {
    let runs = (1...5).flatMap { seed in
      [
        SyntheticRuns.run(block: "regular-conv", seed: seed),
        SyntheticRuns.run(block: "extreme-inception", seed: seed, top1: 0.5),
        SyntheticRuns.run(block: "separable-conv", seed: seed, top1: 0.5),
      ]
    }
    #expect(refusal("regular-conv", runs).contains("10 pairs were lost to failed runs"))
  }

  // MARK: Settings of blocks

  private static let kernels = [3, 5].flatMap { kernel in
    [("regular-conv", nil), ("segmented-inception", "4"), ("extreme-inception", nil)].map {
      SyntheticRuns.run(
        block: $0, segments: $1, seed: 1, top1: Double(kernel) / 8, kernel: kernel)
    }
  }

  /// Whatever varies within blocks is equal in a pair.
  @Test func aBlockIsComparedAtEqualSettingsOfTheBlock() throws {
    let table = try ResultTable(records: Self.kernels, against: "extreme-inception")
    let found = table.points.map {
      table.comparison?.pairs(of: $0, "test/top1")?.difference?.mean
    }
    #expect(found == [0, 0, nil, 0, 0, nil])
    #expect(table.comparison?.differing == ["network.block.kind", "network.block.segments"])
  }

  @Test(arguments: ["network.block.kernel=3", "kernel=3"])
  func aSettingOfTheBlockComparesEachBlockWithItself(against: String) throws {
    let table = try ResultTable(records: Self.kernels, against: against)
    let found = table.points.map {
      table.comparison?.pairs(of: $0, "test/top1")?.difference?.mean
    }
    #expect(found == [nil, nil, nil, 0.25, 0.25, 0.25])
    #expect(table.notes.joined().contains("but for kernel, equal settings"))
  }

  /// A block of one operation has nothing between, and is compared with what there is.
  @Test func whatStandsBetweenIsEqualWhereItCanBe() throws {
    let rows: [(block: String, between: String, top1: Double)] = [
      ("regular-conv", "none", 0.5), ("extreme-inception", "none", 0.25),
      ("extreme-inception", "relu", 0.75), ("separable-conv", "none", 0.5),
      ("separable-conv", "relu", 0.625),
    ]
    let runs = rows.map {
      SyntheticRuns.run(block: $0.block, seed: 1, top1: $0.top1, between: $0.between)
    }
    func found(_ against: String) throws -> [String] {
      let table = try ResultTable(records: runs, against: against)
      return table.points.compactMap { point in
        table.comparison?.pairs(of: point, "test/top1")?.difference.map {
          "\(point.block) \(point.settings["network.block.between"]?.settingText ?? "") \($0.mean)"
        }
      }
    }
    #expect(
      try found("regular-conv") == [
        "extreme-inception none -0.25", "separable-conv none 0.0", "extreme-inception relu 0.25",
        "separable-conv relu 0.125",
      ])
    #expect(
      try found("extreme-inception") == [
        "regular-conv none 0.25", "separable-conv none 0.25", "separable-conv relu -0.125",
      ])
    #expect(
      try found("between=none") == ["extreme-inception relu 0.5", "separable-conv relu 0.125"])
  }

  @Test func theRemedyKeepsTheConditionAndAllRowsAreNamed() {
    let runs = [2, 4, 8].map {
      SyntheticRuns.run(block: "segmented-inception", segments: "\($0)", seed: 1, top1: 0.5)
    }
    let text = refusal(
      "lambda=0,block=segmented-inception",
      runs + [SyntheticRuns.run(block: "regular-conv", lambda: "1", seed: 1, top1: 0.5)])
    for segments in [2, 4, 8] { #expect(text.contains("segments=\(segments)")) }
    #expect(text.contains(#/--against 'lambda=0,block=segmented-inception,.*segments=2'/#))
  }

  @Test func theNoteNamesTheSettingsInWhichPairsDiffer() throws {
    let data = try ResultTable(records: Self.sweep, against: "lambda=0").notes.joined()
    #expect(data.contains("(the runs of a seed share order and head)"))
    #expect(data.contains("Pairs are of equal budget and, but for λ, equal settings."))
    let block = try ResultTable(records: Self.sweep, against: "regular-conv").notes.joined()
    #expect(block.contains("(the runs of a seed share data, order and head)"))
    #expect(block.contains("but for block, segments, equal settings."))
  }

  /// Each arm has its own chosen rate; rows are compared all the same.
  @Test func chosenRowsAreComparedAcrossWhatTheyChose() throws {
    let values: [(block: String, rate: String, top1: Double)] = [
      ("regular-conv", "0.01", 0.5), ("regular-conv", "0.1", 0.25),
      ("extreme-inception", "0.01", 0.25), ("extreme-inception", "0.1", 0.75),
    ]
    let runs = values.map { block, rate, top1 in
      SyntheticRuns.run(block: block, seed: 1, top1: top1, rate: rate)
    }
    var query = ResultQuery()
    query.against = "regular-conv"
    query.choice = "best:test/top1"
    query.over = ["learningRate"]
    let table = try ResultTable(RunCollection(records: runs), query: query)
    #expect(table.points.count == 2)
    let found = table.points.compactMap { table.comparison?.pairs(of: $0, "test/top1") }
    #expect(found.map { $0.difference?.mean } == [0.25])
  }
}
