// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Statistics
import Testing

@testable import Reports

/// What made-up runs, whose answers are known, say of the paper's claims.
@Suite struct ClaimTests {
  /// A run of an arm of `activation-between`.
  private func run(
    _ block: String, segmentWidth: Int, between: String, seed: Int, correct: Int, shift: Int = 0,
    rate: Double = 0.1
  ) -> RunRecord {
    let json: JSON = [
      "data": ["kind": "cifar-10", "validation": 0],
      "network": [
        "network": "stack", "width": 32,
        "block": [
          "kind": .string(block), "segmentWidth": .integer(segmentWidth), "unequal": true,
          "between": .string(between),
        ],
      ],
      "seed": .integer(seed),
      "training": ["optimizer": ["kind": "sgd", "learningRate": .number(rate)]],
    ]
    var run = SyntheticAnswers.run(block: block, seed: seed, correct: correct, shift: shift)
    run.configuration = json.canonicalText
    run.id = RunRecord.identifier(of: run.configuration)
    run.experiment = "activation-between"
    run.labels = [
      RunRecord.Label(name: "block", value: block),
      RunRecord.Label(name: "segments", value: "\(32 / segmentWidth)"),
    ]
    return run
  }

  /// Both orders at four segment widths with and without a ReLU, three seeds: images right without a
  /// ReLU, and how many more with one, by segment width.
  private func sweep(
    inception: Int = 100, separable: Int = 100, gains: [Int: Int], seeds: Int = 3
  ) -> [RunRecord] {
    [("segmented-inception", inception), ("segmented-separable", separable)].flatMap {
      block, right in
      [1, 2, 4, 16].flatMap { width in
        (0..<seeds).flatMap { seed in
          ["none", "relu"].map { between in
            run(
              block, segmentWidth: width, between: between, seed: seed,
              correct: right + (between == "relu" ? gains[width] ?? 0 : 0) + seed % 2)
          }
        }
      }
    }
  }

  private func verdicts(_ runs: [RunRecord]) throws -> [ClaimVerdict] {
    ClaimTable(["activation-between": try RunCollection(records: runs)]).verdicts
  }

  private func verdict(_ runs: [RunRecord], _ statement: String) throws -> ClaimVerdict {
    try #require(verdicts(runs).first { $0.claim.statement.contains(statement) })
  }

  // MARK: Verdicts

  @Test func everyClaimSaysWhereItStandsAndWhatTestsIt() {
    let claims = ExperimentClaim.all
    #expect(Set(claims.map(\.statement)).count == claims.count)
    for place in ["section 1.1", "section 3", "Tables 1, 3", "Table 2", "Fig. 9", "Fig. 10", "4.7"]
    {
      #expect(claims.contains { $0.place.contains(place) }, "\(place)")
    }
    for claim in claims {
      #expect(!claim.first.isEmpty && !claim.second.isEmpty && claim.first != claim.second)
      #expect(claim.experiment.allSatisfy { $0.isLowercase || $0 == "-" })
    }
  }

  /// What helps in wide segments and hurts in narrow ones, as the paper has it.
  @Test func whatThePaperSaysIsConfirmed() throws {
    let runs = sweep(gains: [1: -60, 2: -20, 4: 20, 16: 80])
    for (statement, effect, rows) in [
      ("nothing does better than a ReLU", 0.3, 2), ("in wide segments", 0.4, 2),
      // Positions 0, 1, 2, 4 with gains −0.3, −0.1, 0.1, 0.4: 1.525 / 8.75.
      ("the wider the segments", 1.525 / 8.75, 16), ("which of the two operations", 0, 2),
    ] {
      let verdict = try verdict(runs, statement)
      #expect(verdict.verdict == .confirmed, "\(statement)")
      let finding = try #require(verdict.finding)
      #expect(abs(finding.estimate.value - effect) < 1e-12, "\(statement)")
      #expect(finding.rows == rows && finding.seeds == 3 && finding.absence == nil)
      #expect(verdict.reason == nil)
    }
  }

  @Test func theOppositeIsContradicted() throws {
    let runs = sweep(inception: 20, separable: 100, gains: [1: 60, 2: 40, 4: 0, 16: -15])
    for statement in [
      "nothing does better than a ReLU", "in wide segments", "the wider the segments",
      "which of the two operations",
    ] {
      #expect(try verdict(runs, statement).verdict == .contradicted, "\(statement)")
    }
  }

  @Test func whatTheIntervalsDoNotTellIsUndecided() throws {
    let runs = sweep(gains: [1: -1, 2: 1, 4: 0, 16: 1])
    #expect(try verdict(runs, "nothing does better than a ReLU").verdict == .undecided)
    #expect(try verdict(runs, "the wider the segments").verdict == .undecided)
    let alone = sweep(gains: [1: -60, 2: -20, 4: 20, 16: 80], seeds: 1)
    let verdict = try verdict(alone, "nothing does better than a ReLU")
    #expect(verdict.verdict == .undecided && verdict.finding?.interval == nil)
    #expect(abs((verdict.finding?.estimate.value ?? 0) - 0.3) < 1e-12)
  }

  @Test func claimsWithoutRunsSayWhatIsMissing() throws {
    let verdicts = try verdicts(sweep(gains: [:]))
    let others = verdicts.filter { $0.claim.experiment != "activation-between" }
    #expect(others.count == ExperimentClaim.all.count - 4)
    for verdict in others {
      #expect(verdict.verdict == .noRuns)
      #expect(verdict.reason == "there are no results of \(verdict.claim.experiment)")
    }
    let narrow = sweep(gains: [:]).filter { !$0.configuration.contains("\"segmentWidth\":16") }
    let wide = try verdict(narrow, "in wide segments")
    #expect(wide.verdict == .noRuns)
    #expect(wide.reason?.contains("nothing fulfils --where \"segmentWidth = 16\"") == true)
    let bare = sweep(gains: [:]).filter { $0.configuration.contains("\"between\":\"none\"") }
    #expect(try verdict(bare, "in wide segments").verdict == .noRuns)
  }

  @Test(arguments: [
    (0.01...0.02, "confirmed", "undecided"), (-0.02 ... -0.01, "contradicted", "undecided"),
    (-0.02...0.02, "undecided", "undecided"), (0...0, "contradicted", "confirmed"),
    (0.02...0.03, "confirmed", "contradicted"), (-0.009...0.009, "undecided", "confirmed"),
  ])
  func intervalsDecide(
    _ interval: ClosedRange<Double>, _ positive: String, _ within: String
  ) {
    #expect(ClaimVerdict.verdict(interval, .positive).rawValue == positive)
    #expect(ClaimVerdict.verdict(interval, .within(0.01)).rawValue == within)
  }

  // MARK: The statistics behind them

  /// The effect of one pair is that of a comparison, its interval that of the level shared by all.
  @Test func theIntervalIsThatOfAPairedComparisonForAllClaims() throws {
    let runs = sweep(gains: [1: -60, 2: -20, 4: 20, 16: 80])
    let finding = try #require(try verdict(runs, "nothing does better than a ReLU").finding)
    func answers(_ between: String) throws -> CorrectAnswers {
      let own = runs.filter {
        $0.configuration.contains("segmented-separable")
          && $0.configuration.contains("\"segmentWidth\":1,")
          && $0.configuration.contains("\"between\":\"\(between)\"")
      }.sorted { $0.seed < $1.seed }
      #expect(own.count == 3)
      return try CorrectAnswers(
        own.map { run in
          let said = try #require(run.predictions)
          return zip(said.labels, said.predicted).map { $0 == $1 }
        })
    }
    let pair = try PairedComparison(answers("none"), answers("relu"))
    #expect(finding.estimate == pair.estimate)
    let level = 1 - 0.05 / Double(ExperimentClaim.all.count)
    #expect(finding.interval == pair.estimate.interval(level: level))
    let narrow = try #require(pair.estimate.interval())
    #expect(finding.interval?.lowerBound ?? 1 < narrow.lowerBound)
  }

  /// Arms have learning rates of their own; two of one arm are no pair.
  @Test func learningRatesAreThoseOfTheArms() throws {
    let runs = sweep(gains: [1: -60]).map { old in
      var run = old
      if run.configuration.contains("\"between\":\"relu\"") {
        run.configuration = run.configuration.replacing("0.1", with: "0.05")
        run.id = RunRecord.identifier(of: run.configuration)
      }
      return run
    }
    #expect(try verdict(runs, "nothing does better than a ReLU").verdict == .confirmed)
    let twice = runs + sweep(gains: [1: -60])
    let verdict = try verdict(twice, "nothing does better than a ReLU")
    #expect(verdict.verdict == .noRuns)
    #expect(verdict.reason?.hasPrefix("a row has several partners: ") == true)
  }

  /// Only seeds that finished in all rows count.
  @Test func seedsAreThoseOfAllRows() throws {
    let runs = sweep(gains: [1: -60]).filter {
      $0.seed != 2 || !$0.configuration.contains("\"between\":\"relu\"")
    }
    #expect(try verdict(runs, "nothing does better than a ReLU").finding?.seeds == 2)
  }

  // MARK: Words

  @Test func tablesSayEffectIntervalAndVerdict() throws {
    let runs = sweep(gains: [1: -60, 2: -20, 4: 20, 16: 80])
    let table = ClaimTable(["activation-between": try RunCollection(records: runs)])
    let text = table.readable.rendered(as: .markdown)
    #expect(text.contains("+30.00 points"))
    #expect(text.contains("+17.43 points a doubling"))
    #expect(text.contains("within ±1.00 points"))
    #expect(text.contains("no runs yet"))
    let csv = table.data.rendered(as: .csv).split(separator: "\n")
    #expect(csv.count == 1 + ExperimentClaim.all.count)
    #expect(csv[0].hasPrefix("place,claim,experiment,metric,expected,effect,low,high,rows,n,over"))
    #expect(table.notes[0].contains("for all \(ExperimentClaim.all.count) claims together"))
    #expect(table.notes.contains { $0.contains("there are no results of residual-ablation") })
  }

  /// A folder of folders: one is damaged, one is not there.
  @Test func foldersAreReadByExperiment() throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "claims-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let runs = folder.appending(path: "activation-between/runs")
    try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    for run in sweep(gains: [1: -60]) {
      try run.write(to: runs.appending(path: "\(run.id).h5").path)
    }
    try Data([1, 2, 3]).write(to: runs.appending(path: "0000000000000000.h5"))
    let empty = folder.appending(path: "continuum/runs")
    try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
    let table = ClaimTable(results: folder.path)
    let verdict = table.verdicts.first { $0.claim.place == "section 4.7, Fig. 10" }
    #expect(verdict?.verdict == .confirmed)
    #expect(table.damaged.count == 2)
    #expect(table.damaged.contains { $0.contains("0000000000000000.h5") })
  }
}
