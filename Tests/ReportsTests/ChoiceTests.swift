// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// `--choose best:METRIC --over SETTING`.
@Suite struct ChoiceTests {
  /// Validation and test accuracies by rate, two seeds each.
  private static func runs(
    _ block: String, _ values: [(rate: String, validation: Double, test: Double)],
    seeds: [Int] = [1, 2]
  ) -> [RunRecord] {
    values.flatMap { rate, validation, test in
      seeds.map { seed in
        var run = SyntheticRuns.run(block: block, seed: seed, top1: test, rate: rate)
        let spread = Double(seed) / 64
        run.metrics["validation/top1"] = validation + spread
        run.metrics["validation/loss"] = 2 - validation - spread
        return run
      }
    }
  }

  private static let grid =
    runs("regular-conv", [("0.001", 0.25, 0.5), ("0.01", 0.75, 0.375), ("0.1", 0.5, 0.875)])
    + runs("extreme-inception", [("0.001", 0.25, 0.5), ("0.01", 0.5, 0.25), ("0.1", 0.75, 0.625)])

  private func table(
    _ records: [RunRecord], _ choice: String = "best:validation/top1",
    over: [String] = ["training.optimizer.learningRate"]
  ) throws -> ResultTable {
    var query = ResultQuery()
    query.choice = choice
    query.over = over
    return try ResultTable(RunCollection(records: records), query: query)
  }

  private func rates(_ table: ResultTable) -> [String] {
    table.points.sorted { $0.position < $1.position }
      .map { $0.settings["training.optimizer.learningRate"]?.settingText ?? "" }
  }

  /// The test of what validation chose, though another value's test is better.
  @Test(arguments: ["best:validation/top1", "best:validation/loss"])
  func theTestOfTheChosenIsReported(choice: String) throws {
    let table = try table(Self.grid, choice)
    #expect(rates(table) == ["0.01", "0.1"])
    let points = table.points.sorted { $0.position < $1.position }
    #expect(points.map { $0.statistics(of: "test/top1")?.mean } == [0.375, 0.625])
    #expect(points.map { $0.chosen?.tried } == [3, 3])
    #expect(points.map { $0.chosen?.endText } == [nil, "highest"])
    let notes = table.notes.joined(separator: "\n")
    #expect(notes.contains("values tried: 3."))
    #expect(notes.contains("At an end of its grid"))
    #expect(notes.contains("extreme-inception,learningRate=0.1 (highest)"))
    #expect(!notes.contains("looked at the test itself"))
    for title in ["learning rate", "tried", "end of its grid", "test top-1 (%)"] {
      #expect(table.readableColumns.map(\.title).contains(title))
    }
  }

  @Test func meansOverSeedsDecideNotSingleRuns() throws {
    var runs = Self.runs("regular-conv", [("0.001", 0.5, 0.5), ("0.01", 0.375, 0.25)])
    runs[3].metrics["validation/top1"] = 0.55
    #expect(rates(try table(runs)) == ["0.001"])
  }

  @Test func whatFailedNeverWins() throws {
    var runs = Self.grid
    runs[2].metrics["validation/loss"] = .nan
    #expect(rates(try table(runs)) == ["0.1", "0.1"])
    for index in 0..<6 { runs[index].status = .failed(reason: "step 7: loss is not finite") }
    let left = try table(runs)
    #expect(left.points.map(\.block) == ["extreme-inception"])
    #expect(left.notes.contains { $0.contains("Without a choice") && $0.contains("regular-conv") })
  }

  /// Whatever the order of files, the least of equal values wins.
  @Test func tiesAreDecidedAlike() throws {
    let runs = Self.runs(
      "regular-conv", [("0.1", 0.5, 0.5), ("0.001", 0.5, 0.5), ("0.01", 0.5, 0.5)])
    #expect(rates(try table(runs)) == ["0.001"])
    #expect(rates(try table(runs.reversed())) == ["0.001"])
  }

  @Test func choosingByTheTestIsCalledWhatItIs() throws {
    let notes = try table(Self.grid, "best:test/top1").notes.joined()
    #expect(notes.contains("looked at the test itself"))
  }

  @Test func whatCannotBeChosenIsSaid() {
    func refusal(_ choice: String, _ over: [String]) -> String {
      let error = #expect(throws: ReportError.self) { try table(Self.grid, choice, over: over) }
      return error?.description ?? ""
    }
    #expect(refusal("validation/top1", ["learningRate"]).contains("must be best:METRIC"))
    #expect(refusal("best:validation/top", ["learningRate"]).contains("validation/top1"))
    #expect(refusal("best:validation/top1", []).contains("--over"))
    #expect(
      refusal("best:validation/top1", ["learningrat"]).contains("learningRate"))
  }

  @Test func whatChoosesNothingIsAnError() {
    func refusal(_ over: [String], _ runs: [RunRecord] = Self.grid) -> String {
      let error = #expect(throws: ReportError.self) {
        try table(runs, "best:validation/top1", over: over)
      }
      return error?.description ?? ""
    }
    #expect(
      refusal(["epochs"]) == "--choose has nothing to choose from over epochs: all rows have "
        + "epochs 16; the rows differ in block, learningRate")
    let both = [("0.01", 16), ("0.1", 2)].map { rate, epochs in
      SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5, rate: rate, epochs: epochs)
    }.map { run in
      var run = run
      run.metrics["validation/top1"] = 0.5
      return run
    }
    #expect(refusal(["epochs"], both).contains("no two rows differ in that alone"))
  }

  // MARK: Arms

  private static let spectrum: [(block: String, segments: String?)] = [
    ("segmented-inception", "4"), ("extreme-inception", nil), ("separable-conv", nil),
  ]

  /// A setting of the block is chosen for every block by itself.
  @Test(arguments: ["between", "network.block.kernel", "kernel"])
  func aSettingOfTheBlockIsChosenForEveryBlock(over: String) throws {
    let values = over == "between" ? ["none", "relu"] : ["3", "5"]
    let runs = Self.spectrum.flatMap { block, segments in
      values.enumerated().map { index, value in
        SyntheticRuns.run(
          block: block, segments: segments, seed: 1,
          top1: 0.5 + Double(index == 1 && block != "separable-conv" ? 1 : 0) / 8,
          between: over == "between" ? value : "none",
          kernel: over == "between" ? 3 : Int(value) ?? 0)
      }
    }
    let table = try table(runs, "best:test/top1", over: [over])
    let points = table.points.sorted { $0.position < $1.position }
    #expect(points.map(\.block) == Self.spectrum.map(\.block))
    #expect(points.map { $0.chosen?.tried } == [2, 2, 2])
    // Kinds have no ends; of two numbers each is one.
    #expect(!table.notes.joined().contains("end of its grid."))
    let path = over == "between" ? "network.block.between" : "network.block.kernel"
    #expect(
      points.map { $0.settings[path]?.settingText } == [values[1], values[1], values[0]])
  }

  /// What was looked at to choose is compared as what is reported.
  @Test func theMetricThatChoseIsCompared() throws {
    var query = ResultQuery()
    (query.choice, query.over) = ("best:validation/top1", ["learningRate"])
    query.against = "regular-conv"
    let table = try ResultTable(RunCollection(records: Self.grid), query: query)
    let other = try #require(table.points.first { $0.block == "extreme-inception" })
    for metric in ["test/top1", "validation/top1"] {
      #expect(table.comparison?.difference(of: other, metric) != nil, "\(metric)")
    }
    #expect(!table.rendered(as: .markdown).contains("+0.00 ± — |"))
  }

  /// What a budget solves for follows from what is chosen.
  @Test(arguments: ["width", "stageWidths", "stemWidth", "widthMultiplier"])
  func whatABudgetSolvesIsFree(path: String) throws {
    let runs = [("2", 24), ("4", 28), ("8", 36)].map { segments, width in
      var run = SyntheticRuns.run(
        block: "segmented-inception", segments: segments, width: width, seed: 1,
        top1: segments == "4" ? 0.75 : 0.5)
      if path != "width" {
        run.configuration.replace("\"width\":24", with: "\"width\":24,\"\(path)\":\(width)")
      }
      return run
    }
    let chosen = try table(runs, "best:test/top1", over: ["segments"]).points
    #expect(chosen.map { $0.settings[SettingNames.segments]?.settingText } == ["4"])
    #expect(chosen.map { $0.chosen?.tried } == [3])
    // A width that was said is an arm.
    let free = runs.map { run in
      var run = run
      run.budget = nil
      return run
    }
    #expect(throws: ReportError.self) { try table(free, "best:test/top1", over: ["segments"]) }
  }

  /// The kind of a section brings along what belongs to it, and nothing that varies in every kind.
  @Test func aKindBringsAlongWhatBelongsToIt() throws {
    let rates = [("sgd", "0.1"), ("sgd", "0.01"), ("adamw", "0.01")]
    let runs = rates.map { optimizer, rate in
      SyntheticRuns.run(
        block: "regular-conv", seed: 1, top1: optimizer == "sgd" ? 0.5 : 0.75, rate: rate,
        optimizer: optimizer)
    }
    let both = try table(runs, "best:test/top1", over: ["optimizer"])
    #expect(both.points.map { $0.chosen?.tried } == [2, 1])
    let own = try table([runs[0], runs[2]], "best:test/top1", over: ["optimizer"])
    #expect(own.points.map { $0.chosen?.tried } == [2])
  }

  /// The grid of a rate is that of the optimizer that was chosen with it.
  @Test func anEndIsThatOfTheGridOfTheOtherChosenValues() throws {
    let tried: [(optimizer: String, rate: String, top1: Double)] = [
      ("sgd", "1", 0.25), ("sgd", "0.1", 0.375), ("adamw", "0.01", 0.75), ("adamw", "0.001", 0.5),
      ("sgd", "0.0001", 0.25),
    ]
    let runs = tried.map { optimizer, rate, top1 in
      SyntheticRuns.run(
        block: "regular-conv", seed: 1, top1: top1, rate: rate, optimizer: optimizer)
    }
    let table = try table(runs, "best:test/top1", over: ["optimizer", "learningRate"])
    #expect(table.points.map { $0.chosen?.endText } == ["learningRate highest"])
    let notes = table.notes.joined(separator: "\n")
    #expect(notes.contains("At an end of its grid"))
    #expect(!notes.contains("No chosen value lies"))
  }

  @Test func triedValuesThatFailedAreCounted() throws {
    var runs = Self.grid
    runs[2].status = .failed(reason: "step 7: loss is not finite")
    let table = try table(runs)
    #expect(
      table.notes.joined().contains(
        "Values with a failed run could not win: regular-conv: tried 3, of which 1 failed."))
    #expect(table.rendered(as: .markdown).contains("3, 1 failed"))
    #expect(table.rendered(as: .csv).contains(",tried,triedFailed,"))
  }

  /// How images are held back for validation follows from there being some.
  @Test func theSplitFollowsFromTheValidation() throws {
    let runs = [0, 512].map { validation in
      var run = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5)
      let split = validation > 0 ? ",\"split\":\"stratified\"" : ""
      run.configuration.replace(
        "\"seed\":0}", with: "\"seed\":0,\"validation\":\(validation)\(split)}")
      run.id = "\(validation)"
      return run
    }
    let chosen = try table(runs, "best:test/top1", over: ["data.validation"])
    #expect(chosen.points.map { $0.chosen?.tried } == [2])
    let all = try ResultTable(records: runs)
    #expect(all.readableColumns.map(\.title).contains("validation images"))
    #expect(!all.readableColumns.map(\.title).contains("split"))
  }

  @Test func meansOverDifferentSeedsAreSaid() throws {
    let note = "Chosen among means over different seeds"
    #expect(!(try table(Self.grid).notes.joined().contains(note)))
    let notes = try table(Array(Self.grid.dropFirst())).notes.joined(separator: "\n")
    #expect(notes.contains("\(note), so that it may be one of seeds: regular-conv,"))
    #expect(!notes.contains(#/of seeds: [^.]*extreme/#))
  }

  @Test func theEndOfAGridNamesTheBudget() throws {
    let more = Self.runs("regular-conv", [("0.01", 0.5, 0.5), ("0.1", 0.75, 0.5)]).map { run in
      var run = run
      run.id += "-large"
      run.configuration = run.configuration.replacing("\"width\":24", with: "\"width\":48")
      run.budget = RunRecord.Budget(quantity: "parameters", target: 9_000, actual: 9_001)
      return run
    }
    let notes = try table(Self.grid + more).notes.joined(separator: "\n")
    #expect(notes.contains("regular-conv,learningRate=0.1 at 9,000 parameters (highest)"))
  }
}
