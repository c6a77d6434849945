// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Rows that an experiment named, by their names wherever a row or a line is meant.
@Suite struct NamedArmTests {
  private static let arms = [
    (name: "plain 50% & co_1", block: "regular-conv", epochs: 16),
    (name: "extreme", block: "extreme-inception", epochs: 2),
    (name: "a, b", block: "separable-conv", epochs: 4),
  ]

  /// Every arm with its own number of epochs, at two learning rates and two seeds.
  private func table(
    _ against: String? = nil, rates: [String] = ["0.01", "0.1"], epochs: Int? = nil
  ) throws -> ResultTable {
    var runs: [RunRecord] = []
    var points: [ExperimentRecord.Point] = []
    for arm in Self.arms {
      for rate in rates {
        let own = [1, 2].map { seed in
          SyntheticRuns.run(
            block: arm.block, seed: seed, top1: 0.5 + Double(arm.epochs) / 100, rate: rate,
            epochs: epochs ?? arm.epochs)
        }
        runs += own
        points.append(
          ExperimentRecord.Point(
            name: arm.name, budget: own[0].budget,
            runs: own.map { ExperimentRecord.Run(seed: $0.seed, id: $0.id) }))
      }
    }
    let record = ExperimentRecord(
      name: "arms", question: "?", asked: "2026-12-01T00:00:00Z", experiment: "{}", points: points)
    return try ResultTable(records: runs, experiments: [record], against: against)
  }

  @Test(arguments: ["extreme", "name=extreme", "extreme-inception,epochs=2"])
  func aNameIsAReference(against: String) throws {
    let table = try table(against)
    let pairs = table.points.map { table.comparison?.pairs(of: $0, "test/top1")?.difference?.count }
    #expect(pairs.compactMap { $0 } == [2, 2, 2, 2])
    for (point, count) in zip(table.points, pairs) {
      #expect((count == nil) == (point.name == "extreme"))
    }
    #expect(table.notes.contains { $0.contains("equal settings") })
  }

  /// All rows are compared with the arm at the rate that is named.
  @Test(arguments: [
    "plain 50% & co_1,learningRate=0.01", "a, b,learningRate=0.01", "a, b, learningRate=0.01",
  ])
  func aNameStandsBesideConditions(against: String) throws {
    let table = try table(against)
    let pairs = table.points.compactMap { table.comparison?.pairs(of: $0, "test/top1") }
    #expect(pairs.count == 5)
  }

  @Test func whatIsNoNameIsRefusedWithTheNames() {
    let error = #expect(throws: ReportError.self) { try table("extrem") }
    #expect(error?.description.contains("did you mean \"extreme\"?") == true)
    let none = #expect(throws: ReportError.self) { try table("extreme,learningRate=7") }
    #expect(none?.description.contains(#/the rows are: .*; extreme,learningRate=0.01; /#) == true)
    let several = #expect(throws: ReportError.self) { try table("seed=1") }
    #expect(several?.description.contains("another seed is data.seed") == true)
  }

  @Test func linesOfPlotsAreCalledByTheNames() throws {
    let names = PlotSeries.series(of: try table(rates: ["0.01"])).map(\.name)
    #expect(Set(names) == Set(Self.arms.map(\.name)))
    let many = PlotSeries.series(of: try table()).map(\.name)
    #expect(many.count == 6 && Set(many).count == 6)
    #expect(many.contains("extreme, epochs = 2, learning rate = 0.1"))
  }

  /// No line joins arms of different names where a name stands for several lines: it would be one
  /// arm's at a rate, or nobody's.
  @Test func whereNamesAndLinesCrossBothTell() throws {
    let table = try table(epochs: 16)
    let series = PlotSeries.series(of: table)
    #expect(series.allSatisfy { $0.points.count == 1 })
    #expect(
      Set(series.map(\.name))
        == Set(
          Self.arms.flatMap { arm in
            ["0.01", "0.1"].map { "\(arm.name), learning rate = \($0)" }
          }))
  }

  /// The line joins places from left to right, whatever the order of the arms.
  @Test func theLineOfArmsGoesAlongTheSpectrum() throws {
    let segments = ["4", "1", "8", "2"]
    let runs = segments.map {
      SyntheticRuns.run(block: "segmented-inception", segments: $0, seed: 1, top1: 0.5)
    }
    let points = zip(segments, runs).map { segments, run in
      ExperimentRecord.Point(
        name: "arm \(segments)", budget: run.budget,
        runs: [ExperimentRecord.Run(seed: 1, id: run.id)])
    }
    let record = ExperimentRecord(
      name: "arms", question: "?", asked: "2026-12-01T00:00:00Z", experiment: "{}", points: points)
    let table = try ResultTable(records: runs, experiments: [record])
    #expect(table.points.map(\.name) == segments.map { "arm \($0)" })
    let script = try ContinuumPlot(table, title: nil).picture().script
    #expect(script.contains("$line0 << EOD\n1.0 50.0\n2.0 50.0\n3.0 50.0\n4.0 50.0\nEOD"))
  }

  /// Arms follow each other as the file has them, and the rows of one stand together.
  @Test func armsAreTogetherInTheOrderOfTheFile() throws {
    let table = try table(rates: ["0.01", "0.1", "1"])
    #expect(table.points.map(\.name) == Self.arms.flatMap { Array(repeating: $0.name, count: 3) })
    let series = PlotSeries.series(of: table).map(\.points[0].name)
    #expect(series == table.points.map(\.name))
  }

  @Test func seedIsTheRunsAndNeverTheDatas() throws {
    for change: (inout ResultQuery) -> Void in [
      { $0.columns = ["seed"] }, { $0.sort = ["-seed"] },
      { ($0.choice, $0.over) = ("best:test/top1", ["seed"]) },
    ] {
      var query = ResultQuery()
      change(&query)
      let error = #expect(throws: ReportError.self) {
        try ResultTable(RunCollection(records: SyntheticRuns.sweep(seeds: 2)), query: query)
      }
      #expect(error?.description.contains("another seed is data.seed") == true)
    }
    var query = ResultQuery()
    query.columns = ["block", "data.seed", "seeds"]
    let table = try ResultTable(RunCollection(records: SyntheticRuns.sweep(seeds: 2)), query: query)
    #expect(table.readableColumns.map(\.key) == ["block", "data.seed", "seeds"])
  }
}
