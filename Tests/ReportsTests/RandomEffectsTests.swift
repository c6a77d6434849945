// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Statistics
import Testing

@testable import Reports

/// Differences over seeds and test images, families of them, and what is said where they cannot be.
@Suite struct RandomEffectsTests {
  private func query(_ against: String? = nil, best: Bool = false) -> ResultQuery {
    var query = ResultQuery()
    (query.against, query.best) = (against, best)
    return query
  }

  private func table(
    _ runs: [RunRecord], _ against: String? = nil, best: Bool = false
  ) throws -> ResultTable {
    try ResultTable(RunCollection(records: runs), query: query(against, best: best))
  }

  private func correct(_ run: RunRecord) throws -> [Bool] {
    let predictions = try #require(run.predictions)
    return try TestAnswers(
      predictions, result: try #require(run.metrics["test/top1"])
    ).correct
  }

  /// The table's numbers are those of the module, and the module's are checked against R.
  @Test func intervalsAreThoseOfTheCrossedAnalysis() throws {
    let runs = SyntheticAnswers.sweep()
    let table = try table(runs, "regular-conv")
    #expect(table.points.count == 4)
    let arms = try table.points.map { point in
      try CorrectAnswers(try point.finished.map(correct))
    }
    let analysis = try CrossedAnalysis(arms)
    let known = ManyComparisons.withReference(0, analysis)
    #expect(known.comparisons.count == 3)
    for comparison in known.comparisons {
      let own = try #require(
        table.comparison?.difference(of: table.points[comparison.first], "test/top1"))
      #expect(own.estimate == comparison.estimate)
      #expect(own.simultaneous == comparison.interval)
      #expect(own.adjustedP == comparison.pValue)
      #expect(own.absence == nil)
    }
    let text = table.rendered(as: .markdown)
    #expect(text.contains("over seeds and 200 test images (two-way random effects)"))
    #expect(text.contains("(Dunnett): the 3 comparisons with the reference"))
    #expect(text.contains("With 3 seeds and 200 images a true difference from the reference of"))
    #expect(text.contains("the rows' standard deviations are"))
    #expect(!text.contains("interval without 0 in it is a difference"))
  }

  @Test func everyFormatHasTheComparison() throws {
    let table = try table(SyntheticAnswers.sweep(), "regular-conv", best: true)
    let header = table.rendered(as: .csv).split(separator: "\n")[0]
    let names = [
      "difference", "differenceConfidence95", "pairs", "lostPairs", "differenceDegrees",
      "differenceP", "differenceSimultaneous95", "differenceAdjustedP", "differenceOver",
    ]
    #expect(header.contains(names.map { ",test/top1.\($0)" }.joined()))
    #expect(header.contains(",test/top1.mayBeBest,"))
    let runs = table.rendered(as: .csvRuns).split(separator: "\n")
    #expect(runs.count == 1 + 12 && runs[0].contains(",test/top1.difference,"))
    let latex = table.rendered(as: .latex)
    #expect(latex.contains("all at once") && latex.contains("adjusted"))
    let json = try JSON(text: table.rendered(as: .json), source: "table")
    guard case .array(let points)? = json["points"] else {
      Issue.record("there are no points")
      return
    }
    #expect(points.count == 4)
    func value(_ point: JSON, _ key: String) -> JSON? {
      guard case .object(let fields) = point else { return nil }
      return fields[key]
    }
    #expect(value(points[3], "test/top1.differenceAdjustedP")?.asNumber ?? .nan < 0.001)
    #expect(
      points.map { value($0, "test/top1.mayBeBest") } == [false, false, false, true].map(JSON.bool))
  }

  /// A set, and never one winner where there is none.
  @Test func theBestIsASet() throws {
    let table = try table(SyntheticAnswers.sweep(), best: true)
    #expect(
      table.notes.contains {
        $0.contains("By test top-1 1 of 4 rows cannot be told from the best: separable-conv.")
      })
    let alike = SyntheticAnswers.sweep().filter { !$0.labels[0].value.hasPrefix("separable") }
    let none = try self.table(alike, best: true)
    #expect(
      none.notes.contains { $0.contains("none of these rows can be told from the best: regular") })
    #expect(none.bestSets[0].groups[0].best.count == 3)
    var loss = query(best: true)
    loss.metrics = ["test/loss"]
    let least = try ResultTable(RunCollection(records: SyntheticAnswers.sweep()), query: loss)
    #expect(least.bestSets[0].groups[0].best.map(\.block) == ["separable-conv"])
  }

  /// Rows of other images are another group, whose best row is another one.
  @Test func theBestIsAmongRowsOfOneTestSet() throws {
    let runs =
      SyntheticAnswers.sweep() + SyntheticAnswers.sweep(lambda: "1", test: 1)
    let groups = try table(runs, best: true).bestSets[0].groups
    #expect(groups.map(\.rows.count) == [4, 4])
    #expect(groups.map { $0.best.map(\.block) } == [["separable-conv"], ["separable-conv"]])
  }

  @Test func aRowWithoutTheOthersSeedsMayBeTheBest() throws {
    let runs = SyntheticAnswers.sweep().filter {
      !($0.labels[0].value.hasPrefix("extreme") && $0.seed == 1)
    }
    let group = try table(runs, best: true).bestSets[0].groups[0]
    #expect(group.uncompared.map(\.block) == ["extreme-inception"])
    #expect(group.best.map(\.block) == ["extreme-inception", "separable-conv"])
  }

  @Test func otherImagesAreNotPaired() throws {
    let runs =
      SyntheticAnswers.sweep() + SyntheticAnswers.sweep(lambda: "1", test: 1)
    let error = #expect(throws: ReportError.self) { try self.table(runs, "lambda=0") }
    #expect(error?.description.contains("tested on other images than their reference") == true)
    // One row alone is of other images.
    var mixed = SyntheticAnswers.sweep()
    for index in mixed.indices where mixed[index].labels[0].value.hasPrefix("extreme") {
      mixed[index].data?.digest = "another"
    }
    let table = try table(mixed, "regular-conv")
    #expect(
      table.notes.contains {
        $0.contains("Not paired, as tested on other images than the reference: extreme-inception")
      })
    #expect(table.points.count { table.comparison?.difference(of: $0, "test/top1") != nil } == 2)
    var classes = SyntheticAnswers.sweep()
    for index in classes.indices where classes[index].labels[0].value.hasPrefix("extreme") {
      classes[index].predictions = nil
      (classes[index].data, classes[index].classNames) = (nil, ["a", "b"])
    }
    #expect(
      try self.table(classes, "regular-conv").notes.contains {
        $0.contains("extreme-inception (2 classes against 4)")
      })
  }

  @Test func filesWithoutPredictionsAreOfSeedsAlone() throws {
    var runs = SyntheticAnswers.sweep()
    for index in runs.indices { runs[index].predictions = nil }
    let table = try table(runs, "regular-conv")
    #expect(
      table.notes.contains {
        $0.contains("over seeds alone (run files hold no predictions), so that it says nothing of")
      })
    let values = table.points.map { $0.values(of: "test/top1") }
    let known = ManyComparisons.withReference(0, try CrossedAnalysis(values: values))
    let own = try #require(table.comparison?.difference(of: table.points[3], "test/top1"))
    #expect(own.estimate == known.comparisons[2].estimate)
    #expect(own.absence == .notKept)
  }

  /// A budget gives every arm widths of its own, by stages, too: they keep no rows apart.
  @Test func widthsOfStagesKeepNoRowsApart() throws {
    let runs = SyntheticAnswers.sweep().map { run -> RunRecord in
      var run = run
      run.configuration = run.configuration.replacingOccurrences(
        of: "\"width\":24",
        with: "\"stageWidths\":[24,\(run.labels[0].value.count)],\"width\":24")
      return run
    }
    #expect(runs.allSatisfy { $0.configuration.contains("stageWidths") })
    let table = try table(runs, "regular-conv")
    #expect(table.points.count { table.comparison?.difference(of: $0, "test/top1") != nil } == 3)
    #expect(!table.readableColumns.contains { $0.key == "stageWidths" })
  }

  /// What a file says of its accuracy and what its predictions say must agree.
  @Test func predictionsThatContradictTheirFileAreNotUsed() throws {
    var runs = SyntheticAnswers.sweep()
    runs[0].metrics["test/top1"] = 0.9
    let table = try table(runs, "regular-conv")
    #expect(table.notes.contains { $0.contains("contradict their metrics") })
    let predictions = try #require(runs[0].predictions)
    for result in [0.9, Double.nan] {
      #expect(throws: AbsenceError(.contradicted)) {
        try TestAnswers(predictions, result: result)
      }
    }
  }

  @Test func oneSeedHasValuesAndNoIntervals() throws {
    let table = try table(SyntheticAnswers.sweep(seeds: 1), "regular-conv", best: true)
    let own = try #require(table.comparison?.difference(of: table.points[3], "test/top1"))
    #expect(own.estimate.value > 0.25 && own.estimate.standardError == nil)
    #expect(own.simultaneous == nil && own.adjustedP == nil)
    let text = table.rendered(as: .markdown)
    #expect(text.contains(" ± — |") && !text.contains("adjusted p"))
    #expect(text.contains("One seed tells nothing apart."))
    #expect(table.bestSets[0].groups[0].best.count == 4)
  }

  /// The row that lost a run is by itself, and all intervals together keep their 95 %.
  @Test func aRowThatLostARunIsComparedByItself() throws {
    let runs = SyntheticAnswers.sweep(seeds: 4).map { run -> RunRecord in
      guard run.labels[0].value.hasPrefix("extreme"), run.seed == 2 else { return run }
      var run = run
      run.status = .failed(reason: "step 7: loss is not finite")
      return run
    }
    let table = try table(runs, "regular-conv")
    let family = try #require(table.comparison?.families["test/top1"]?.first)
    #expect(family.comparisons == 3 && family.shared?.table.arms == 3)
    #expect(table.notes.contains { $0.contains("Lost to failed runs: 1 pair.") })
    #expect(table.notes.contains { $0.contains("Bonferroni for rows with other pairs") })
    let extreme = try #require(table.points.first { $0.block == "extreme-inception" })
    let own = try #require(table.comparison?.difference(of: extreme, "test/top1"))
    #expect(own.simultaneous == own.estimate.interval(level: 1 - 0.05 / 3))
    let p = try #require(own.estimate.pValue)
    #expect(own.adjustedP == min(1, 3 * p))
    // What is told by the interval is told by p, for the others, too.
    for point in table.points {
      guard let one = table.comparison?.difference(of: point, "test/top1"),
        let interval = one.simultaneous, let p = one.adjustedP
      else { continue }
      #expect((p < 0.05) == !interval.contains(0), "\(point.block) \(p)")
    }
  }

  @Test func anExperimentsReferenceIsTakenUnlessToldOtherwise() throws {
    let runs = SyntheticAnswers.sweep()
    func record(_ reference: String?, _ own: [RunRecord]) -> ExperimentRecord {
      ExperimentRecord(
        name: "asked", question: "?", asked: "2026-12-01T00:00:00Z", experiment: "{}",
        points: own.map {
          ExperimentRecord.Point(budget: $0.budget, runs: [.init(seed: $0.seed, id: $0.id)])
        }, reference: reference)
    }
    func table(_ records: [ExperimentRecord], _ against: String? = nil) throws -> ResultTable {
      try ResultTable(
        RunCollection(records: runs, experiments: records), query: query(against))
    }
    let planned = try table([record("regular-conv", runs)])
    #expect(planned.comparison?.name == "regular-conv")
    #expect(planned.notes.contains { $0.contains("(the reference, named in the experiment)") })
    #expect(try table([record("regular-conv", runs)], "none").comparison == nil)
    let other = try table([record("regular-conv", runs)], "separable-conv")
    #expect(other.comparison?.name == "separable-conv" && other.comparison?.isPlanned == false)
    let several = try table([record("regular-conv", runs), record("separable-conv", runs)])
    #expect(several.comparison == nil)
    #expect(several.notes.contains { $0.contains("experiments name several: \"regular-conv\"") })
    let absent = try table([record("vgg", runs)])
    #expect(absent.notes.contains { $0.hasPrefix("Without differences: no run has the block") })
    let view = try ResultTable(
      RunCollection(records: runs), view: .experiment(record("regular-conv", runs)))
    #expect(view.comparison?.isPlanned == true)
  }

  /// Records of before the key are read as they are.
  @Test func recordsWithoutAReferenceAreRead() throws {
    let text = """
      {"asked": "2026-11-28T07:37:54Z", "experiment": "{}", "name": "old", "points": [],
       "question": "?"}
      """
    let record = try JSONDecoder().decode(ExperimentRecord.self, from: Data(text.utf8))
    #expect(record.reference == nil)
  }
}
