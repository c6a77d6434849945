// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Which rows and columns, in which order.
@Suite struct QueryTests {
  private static let runs = SyntheticRuns.queried

  private func table(
    _ change: (inout ResultQuery) -> Void, _ records: [RunRecord] = runs
  ) throws -> ResultTable {
    var query = ResultQuery()
    change(&query)
    return try ResultTable(RunCollection(records: records), query: query)
  }

  private func refusal(_ change: (inout ResultQuery) -> Void) -> String {
    let error = #expect(throws: ReportError.self) { try table(change) }
    return error?.description ?? ""
  }

  @Test(arguments: [
    ("block=regular-conv", 3), ("block!=regular-conv", 12), ("learningRate<0.01", 1),
    ("training.optimizer.learningRate>=0.01", 14), ("learning rate=1e-3", 1), ("segments=4", 2),
    ("segments>2", 4), ("segments=none", 7), ("lambda=1", 7), ("epochs=16", 15), ("width=24", 15),
    ("budget=2500", 15), ("n>=2", 15), ("test/top1>0.9", 3), ("test/loss<0.6", 3),
    ("parameters<=2507", 15), ("seed=1", 15),
  ])
  func conditionsHoldForWhatIsShown(condition: String, count: Int) throws {
    let table = try table { $0.conditions = [condition] }
    #expect(table.points.count == count)
    #expect(table.notes.contains { $0.contains("Only rows with") })
  }

  @Test func conditionsOnSeedsLeaveRunsOut() throws {
    let table = try table { $0.conditions = ["seed!=1", "lambda=0"] }
    #expect(table.points.allSatisfy { $0.finished.map(\.seed) == [2] })
    #expect(table.points.count == 8)
  }

  @Test func whatNoConditionFulfilsIsSaid() {
    #expect(
      refusal { $0.conditions = ["block=regular-con"] }
        == "nothing fulfils --where \"block = regular-con\" (did you mean \"regular-conv\"?); "
        + "block is here: extreme-inception, regular-conv, segmented-inception, separable-conv")
    #expect(refusal { $0.conditions = ["epoch=16"] }.contains("did you mean \"epochs\"?"))
    #expect(refusal { $0.conditions = ["epochs"] }.contains("must be a comparison"))
    #expect(refusal { $0.conditions = ["epochs="] }.contains("must have a name before and a value"))
    #expect(refusal { $0.conditions = ["block<b"] }.contains("must be a number"))
    #expect(refusal { $0.conditions = ["seed=7"] }.contains("seed is here: 1, 2"))
  }

  @Test func columnsAreThoseAskedForInTheirOrder() throws {
    let table = try table {
      $0.columns = ["test/top1", "block", "training.batch", "ms/step", "multiply-adds"]
    }
    let titles = ["test top-1 (%)", "block", "batch", "ms/step", "multiply-adds"]
    #expect(table.readableColumns.map(\.title) == titles)
    let header = table.rendered(as: .csv).split(separator: "\n")[0]
    #expect(
      header == "test/top1,test/top1.standardDeviation,test/top1.confidence95,block,batch,"
        + "millisecondsPerStep,sharedMachine,multiplyAdds")
    let note = "Rows differ in columns that are not shown: segments, lambda, learningRate."
    #expect(table.notes.contains { $0.contains(note) })
    #expect(refusal { $0.columns = ["blok"] }.contains("did you mean \"block\"?"))
    #expect(refusal { $0.columns = ["block", "block"] }.contains("twice"))
  }

  @Test func rowsAreSortedByAnyColumn() throws {
    for (name, isDescending) in [("test/top1", false), ("-test/top1", true)] {
      let means = try table { $0.sort = [name] }.points
        .compactMap { $0.statistics(of: "test/top1")?.mean }
      #expect(means.count == 15)
      #expect(means == (isDescending ? means.sorted(by: >) : means.sorted()))
    }
    let segments = try table { $0.sort = ["-segments"] }.points
      .map { $0.settings[SettingNames.segments]?.settingText ?? "" }
    #expect(segments.prefix(3) == ["8", "8", "4"])
    #expect(segments.suffix(7).allSatisfy { $0.isEmpty })
    #expect(refusal { $0.sort = ["accuracy"] }.contains("there is no column \"accuracy\""))
  }

  @Test(arguments: [
    ("block=regular-conv,separable-conv", 5), ("segments=2, 8", 4), ("segments!=2,8", 11),
    ("segments=—", 7), ("segments!=—", 8), ("segments=—,4", 9), ("learningRate=0.1,0.001", 1),
  ])
  func severalValuesAreAnyOfThem(condition: String, count: Int) throws {
    #expect(try table { $0.conditions = [condition] }.points.count == count)
  }

  @Test func theUnitOfAConditionIsTold() throws {
    #expect(
      refusal { $0.conditions = ["mismatch>1"] }.contains(
        "mismatch is here (as a fraction: 0.01 is 1 %): 0.0028"))
    #expect(
      try table { $0.conditions = ["mismatch<0.01"] }.notes.joined().contains(
        "Only rows with mismatch < 0.01 (as a fraction: 0.01 is 1 %)."))
  }

  @Test func rowsAreSortedByOneColumnAfterAnother() throws {
    let points = try table { $0.sort = ["block", "-lambda", "test/top1"] }.points
    #expect(points.map(\.block) == points.map(\.block).sorted())
    let segmented = points.filter { $0.block == "segmented-inception" }
    #expect(
      segmented.map { $0.settings["data.lambda"]?.asNumber } == [1, 1, 1, 1, 0, 0, 0, 0])
    let means = segmented.prefix(4).compactMap { $0.statistics(of: "test/top1")?.mean }
    #expect(means == means.sorted())
  }

  /// A metric that was recorded needs no --metric to be shown, or to sort by.
  @Test func aMetricThatIsNamedIsThere() throws {
    for name in ["train/loss", "train loss"] {
      let shown = try table { $0.columns = ["block", name] }
      #expect(shown.readableColumns.map(\.title) == ["block", "train loss"])
      #expect(shown.notes.joined().contains("train loss: mean ± 95 %"))
    }
    let losses = try table { $0.sort = ["-test/loss"] }.points
      .compactMap { $0.statistics(of: "test/loss")?.mean }
    #expect(losses == losses.sorted(by: >))
    #expect(
      !(try table { $0.sort = ["-test/loss"] }).readableColumns.map(\.key).contains("test/loss"))
    let compared = try table {
      ($0.columns, $0.against) = (["block", "train/loss"], "regular-conv")
      $0.conditions = ["learningRate=0.01"]
    }
    #expect(
      compared.readableColumns.map(\.key) == [
        "block", "train/loss", "train/loss.difference", "train/loss.differenceSimultaneous95",
        "train/loss.differenceAdjustedP",
      ])
  }

  /// Where rows are runs, what is asked of metrics is asked of every run.
  @Test func conditionsAndOrderOfRunsAreThoseOfRuns() throws {
    func accuracies(_ change: (inout ResultQuery) -> Void) throws -> [Double] {
      let lines = try table {
        $0.rowsAreRuns = true
        change(&$0)
      }.rendered(as: .csvRuns).split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      let place = try #require(lines[0].firstIndex(of: "test/top1"))
      return lines.dropFirst().compactMap { Double($0[place]) }
    }
    let all = Self.runs.compactMap { $0.metrics["test/top1"] }
    let limit = all.sorted()[all.count / 2]
    #expect(
      try accuracies { $0.conditions = ["test/top1>\(limit)"] }.sorted()
        == all.filter { $0 > limit }.sorted())
    #expect(try accuracies { $0.sort = ["-test/top1"] } == all.sorted(by: >))
    #expect(
      try accuracies { $0.sort = ["seed", "test/top1"] }.prefix(15).elementsEqual(
        Self.runs.filter { $0.seed == 1 }.compactMap { $0.metrics["test/top1"] }.sorted()))
    #expect(
      refusal {
        ($0.rowsAreRuns, $0.sort) = (true, ["accuracy"])
      }.contains("there is no column \"accuracy\""))
  }

  /// What is the same in all rows is said: the block's settings, and what is not as by default.
  @Test func whatAllRowsShareIsSaid() throws {
    let one = try table {
      $0.conditions = ["block=segmented-inception", "lambda=0", "segments=4"]
      $0.defaults = { path, _ in path == "data.seed" ? 0 : path == "training.epochs" ? 1 : nil }
    }
    let notes = one.notes.joined(separator: "\n")
    #expect(notes.contains(#/The same in all rows: .*epochs = 16.*segments = 4, kernel = 3/#))
    #expect(!notes.contains("data seed"))
    #expect(one.rendered(as: .csv).hasPrefix("block,segments,"))
    #expect(one.rendered(as: .json).contains("\"segments\":4"))
    let none = try table { $0.conditions = ["block=regular-conv"] }
    #expect(none.rendered(as: .csv).hasPrefix("block,segments,"))
    #expect(none.rendered(as: .json).contains("\"segments\":null"))
    let noted = try table {
      $0.conditions = ["learningRate=0.01"]
      $0.defaults = { path, _ in path == "data.seed" ? 7 : nil }
    }
    #expect(noted.notes.joined().contains("data seed = 0"))
  }

  @Test func severalMetricsStandSideBySide() throws {
    let table = try table {
      $0.metrics = ["test/top1", "test/loss", "train/loss"]
      $0.against = "extreme-inception"
      $0.conditions = ["learningRate=0.01"]
    }
    let titles = table.readableColumns.map(\.title)
    for title in [
      "test top-1 (%)", "test top-1 minus extreme-inception (points)", "test loss",
      "test loss minus extreme-inception", "train loss",
    ] { #expect(titles.contains(title)) }
    #expect(refusal { $0.metrics = ["test/top1", "test/top9"] }.contains("\"test/top9\""))
  }

  /// Files of before 2026-12 hold the metrics of the test alone; the others end their curves.
  @Test func metricsOfOldFilesComeFromTheirCurves() throws {
    var run = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5)
    run.curves["validation/top1"] = [0.25, 0.75]
    let table = try table({ $0.metrics = ["validation/top1"] }, [run])
    #expect(table.points[0].values(of: "validation/top1") == [0.75])
  }

  @Test func timesAreMarkedWhereJobsSharedTheMachine() throws {
    var runs = Array(SyntheticRuns.sweep(seeds: 1).prefix(2))
    for (index, jobs) in [1, 2].enumerated() {
      runs[index].provenance.sessions = [
        RunRecord.Session(
          commit: "", processor: "", level: "", blasKernels: "", threads: 1, jobs: jobs,
          started: "", seconds: 1, firstEpoch: 0, lastEpoch: 1)
      ]
    }
    let columns = ["block", "ms/step", "jobs"]
    let table = try table({ $0.columns = columns }, runs)
    let text = table.rendered(as: .markdown)
    #expect(text.contains("|    5.00 |    1 |"))
    #expect(text.contains("|   5.00* |    2 |"))
    #expect(text.contains("* Other runs shared the machine"))
    let csv = table.rendered(as: .csv).split(separator: "\n")
    #expect(csv[0] == "block,millisecondsPerStep,sharedMachine,jobs")
    #expect(csv.dropFirst().map { $0.split(separator: ",")[2] } == ["true", "false"])
    #expect(!text.contains("is unknown"))
    let old = try self.table({ $0.columns = columns }, SyntheticRuns.sweep(seeds: 1))
    #expect(!old.rendered(as: .markdown).contains("5.00*"))
    #expect(old.notes.contains { $0.contains("is unknown of runs of before 2026-12") })
    #expect(!(try self.table { _ in }).readableColumns.contains { $0.title == "ms/step" })
  }

  @Test func headingsAreWords() throws {
    let latex = try table { _ in }.rendered(as: .latex)
    // Folded where there is little room.
    #expect(latex.contains(#/&\s+learning\s+(rate\s+)?&/#) && latex.contains(#/\brate\b/#))
    #expect(!latex.contains("learningRate"))
    #expect(SettingNames.words("evaluateEveryEpochs") == "evaluate every epochs")
    #expect(SettingNames.words("training.optimizer.beta1") == "training optimizer beta1")
  }

  @Test func partsOfPathsAreNamesAndAmbiguousOnesAreSaid() throws {
    let named = try table { $0.columns = ["block.kind", "optimizer.kind"] }
    #expect(named.readableColumns.map(\.path) == ["network.block.kind", "training.optimizer.kind"])
    #expect(
      refusal { $0.columns = ["kind"] } == "\"kind\" may mean network.block.kind, data.kind, "
        + "training.optimizer.kind; give the whole path")
  }
}
