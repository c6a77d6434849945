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
    #expect(points.map { $0.chosen?.end } == [nil, .highest])
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
    let solved = zip(["regular-conv", "extreme-inception"], [24, 38]).map { block, width in
      SyntheticRuns.run(block: block, width: width, seed: 1, top1: 0.5)
    }.map { run in
      var run = run
      run.metrics["validation/top1"] = 0.5
      return run
    }
    #expect(refusal(["block"], solved).contains("no two rows differ in that alone"))
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
