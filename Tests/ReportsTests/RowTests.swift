// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// One row is one configuration without its seed, whoever asked for it, under whatever name.
@Suite struct RowTests {
  private static let blocks: [(block: String, segments: String?)] = [
    ("regular-conv", nil), ("segmented-inception", "4"), ("extreme-inception", nil),
  ]

  /// The three blocks with as many seeds.
  private static func runs(
    seeds: ClosedRange<Int>, rate: String = "0.01", epochs: Int = 16, experiment: String = "first",
    target: Int? = 2_500
  ) -> [RunRecord] {
    blocks.flatMap { block, segments in
      seeds.map { seed in
        var run = SyntheticRuns.run(
          block: block, segments: segments, seed: seed, top1: 0.5 + Double(seed) / 100,
          target: target, rate: rate, epochs: epochs)
        run.experiment = experiment
        return run
      }
    }
  }

  private static func asked(
    _ runs: [RunRecord], target: Int?, name: String? = nil, experiment: String = "later"
  ) -> ExperimentRecord {
    let points = runs.map { run in
      ExperimentRecord.Point(
        name: name,
        budget: target.map {
          RunRecord.Budget(quantity: "parameters", target: $0, actual: 2_507)
        },
        runs: [ExperimentRecord.Run(seed: run.seed, id: run.id)])
    }
    return ExperimentRecord(
      name: experiment, question: "?", asked: "2026-12-01T00:00:00Z", experiment: "{}",
      points: points)
  }

  private func titles(_ table: ResultTable) -> [String] { table.readableColumns.map(\.title) }

  /// A factor that was added later labels the runs of before, too.
  @Test func aFactorThatWasAddedLaterIsAColumnOfAllRows() throws {
    var later = Self.runs(seeds: 2...2) + Self.runs(seeds: 0...2, rate: "0.003")
    for index in later.indices {
      later[index].labels.append(RunRecord.Label(name: "learningRate", value: "said later"))
    }
    let table = try ResultTable(records: Self.runs(seeds: 0...1) + later)
    #expect(table.points.count == 6)
    #expect(table.points.map(\.finished.count) == [3, 3, 3, 3, 3, 3])
    let rates = table.points.map { $0.settings["training.optimizer.learningRate"]?.settingText }
    #expect(rates == ["0.003", "0.003", "0.003", "0.01", "0.01", "0.01"])
    #expect(titles(table).contains("learning rate"))
    #expect(!titles(table).contains("experiment"))
  }

  @Test func moreSeedsUnderAnotherNameMakeNoMoreRows() throws {
    let table = try ResultTable(
      records: Self.runs(seeds: 0...1) + Self.runs(seeds: 2...3, experiment: "renamed"))
    #expect(table.points.map(\.finished.count) == [4, 4, 4])
    #expect(table.experiments == ["first", "renamed"])
  }

  /// A run stands under every budget that it was asked for with; `run` shows only its own.
  @Test func aRunStandsUnderEveryBudgetItWasAskedFor() throws {
    let runs = Self.runs(seeds: 0...1)
    let asked = Self.asked(runs, target: 2_600)
    let all = try ResultTable(records: runs, experiments: [asked], against: "regular-conv")
    #expect(all.points.map { $0.budget?.target } == [2_500, 2_500, 2_500, 2_600, 2_600, 2_600])
    #expect(all.points.allSatisfy { $0.finished.count == 2 })
    #expect(titles(all).contains("budget (parameters)"))
    let compared = all.points.map { all.comparison?.pairs(of: $0, "test/top1")?.difference?.count }
    #expect(compared == [nil, 2, 2, nil, 2, 2])
    let own = try ResultTable(records: runs, experiments: [asked], view: .experiment(asked))
    #expect(own.points.map { $0.budget?.target } == [2_600, 2_600, 2_600])
    #expect(own.notes.contains { $0.contains("Widths solved for 2,600 parameters") })
  }

  @Test func aViewShowsItsExperimentsRunsWithTheirNames() throws {
    let runs = Self.runs(seeds: 0...1) + Self.runs(seeds: 0...1, rate: "0.1")
    let asked = Self.asked(Array(runs.prefix(4)), target: nil, name: "baseline")
    let own = try ResultTable(records: runs, experiments: [asked], view: .experiment(asked))
    #expect(own.points.map(\.block) == ["regular-conv", "segmented-inception"])
    #expect(own.points.allSatisfy { $0.name == "baseline" && $0.budget == nil })
    #expect(own.experiments == ["later"])
    let all = try ResultTable(records: runs, experiments: [asked])
    #expect(all.points.map(\.name) == ["baseline", "baseline", nil, nil, nil, nil, nil, nil])
    #expect(
      all.points.map { $0.budget?.target } == [nil, nil] + [Int?](repeating: 2_500, count: 6))
    #expect(titles(all).first == "name")
  }

  /// Asking once with a budget takes no run out of the table that was made without one.
  @Test func aRunStandsWithoutABudgetAndUnderOne() throws {
    let runs = Self.runs(seeds: 0...1, target: nil)
    let first = Self.asked(runs, target: nil)
    let second = Self.asked(Array(runs.prefix(2)), target: 2_500)
    for experiments in [[first, second], [second, first], [second]] {
      let table = try ResultTable(
        records: runs, experiments: experiments, against: "regular-conv")
      #expect(table.points.map { $0.budget?.target } == [nil, nil, nil, 2_500])
      let pairs = table.points.map {
        table.comparison?.pairs(of: $0, "test/top1")?.difference?.count
      }
      #expect(pairs == [nil, 2, 2, nil])
      #expect(table.subtitle.contains("matched at 2,500 parameters, or not matched"))
    }
  }

  @Test func theSubtitleListsBudgetsOnce() throws {
    let runs = Self.runs(seeds: 0...1)
    let table = try ResultTable(
      records: runs, experiments: [Self.asked(runs, target: 2_600)])
    #expect(table.subtitle.contains("matched at 2,500 and 2,600 parameters · "))
  }

  @Test func imagesAreCalledImages() throws {
    let runs = [1_024, 2_048].map { count in
      var run = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5)
      run.configuration.replace(
        "\"seed\":0}",
        with: "\"seed\":0,\"test\":\(count),\"train\":\(2 * count),\"validation\":4096}")
      run.id = "\(count)"
      return run
    }
    let table = try ResultTable(records: runs)
    #expect(titles(table).contains("test images") && titles(table).contains("training set"))
    let text = table.rendered(as: .markdown)
    #expect(text.contains("2,048 |") && text.contains("validation images = 4,096"))
    let held = "Of the training set, 4,096 images are held back for validation."
    #expect(table.notes.contains(held))
    #expect(table.rendered(as: .csv).contains(",test,train,"))
    #expect(PlotSeries.series(of: table).first?.name.contains("test images = 1,024") == true)
    var query = ResultQuery()
    query.columns = ["block", "test images"]
    #expect(
      try ResultTable(RunCollection(records: runs), query: query).readableColumns.map(\.key)
        == ["block", "test"])
  }

  @Test func imagesHeldBackInSomeRowsAreSaid() throws {
    let runs = [0, 64].map { count in
      var run = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5)
      run.configuration.replace(
        "\"seed\":0}", with: "\"seed\":0,\"train\":256,\"validation\":\(count)}")
      run.id = "\(count)"
      return run
    }
    let notes = try ResultTable(records: runs).notes.joined(separator: "\n")
    #expect(notes.contains("training set = 256"))
    #expect(!notes.contains("training images"))
    #expect(
      notes.contains("Of the training set, 64 images are held back for validation in some rows."))
    let without = try ResultTable(records: [runs[0]]).notes.joined()
    #expect(!without.contains("held back"))
  }

  /// The later of two names decides, and an experiment without names takes none away.
  @Test func theLaterNameDecides() throws {
    let runs = Self.runs(seeds: 0...0)
    var first = Self.asked(runs, target: 2_500, name: "old")
    first.asked = "2026-11-01T00:00:00Z"
    let second = Self.asked(runs, target: 2_500, name: "new")
    let nameless = Self.asked(runs, target: 2_500)
    let table = try ResultTable(records: runs, experiments: [first, second, nameless])
    #expect(table.points.map(\.name) == ["new", "new", "new"])
  }

  @Test func whateverDiffersIsAColumnASeriesAndACondition() throws {
    let runs =
      Self.runs(seeds: 0...1) + Self.runs(seeds: 0...1, epochs: 2)
      + Self.runs(seeds: 0...1, rate: "0.003")
    let table = try ResultTable(records: runs, against: "regular-conv")
    #expect(table.points.count == 9)
    for title in ["epochs", "learning rate", "segments"] { #expect(titles(table).contains(title)) }
    for format in [TableFormat.markdown, .csv, .latex] {
      let lines = table.rendered(as: format).split(separator: "\n").filter { $0.contains("-conv") }
      #expect(Set(lines).count == lines.count)
    }
    #expect(
      PlotSeries.series(of: table).map(\.name) == [
        "epochs = 2, learning rate = 0.01", "epochs = 16, learning rate = 0.003",
        "epochs = 16, learning rate = 0.01",
      ])
    #expect(PlotSeries.series(of: table).allSatisfy { $0.points.count == 3 })
    let pairs = table.points.compactMap { table.comparison?.pairs(of: $0, "test/top1") }
    #expect(pairs.map { $0.difference?.count } == [2, 2, 2, 2, 2, 2])
  }

  @Test func shortNamesThatClashAreWholePaths() throws {
    func run(_ place: String, _ kernel: Int, _ other: Int) -> RunRecord {
      var run = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5)
      run.id = "\(kernel) \(other)"
      run.configuration = """
        {"data":{"kernel":\(kernel),"kind":"coupling"},"network":{"block":{"kernel":\(other),\
        "kind":"regular-conv"}},"seed":1}
        """
      return run
    }
    let table = try ResultTable(records: [run("data", 3, 3), run("data", 5, 5)])
    let keys = table.readableColumns.map(\.key)
    #expect(keys.contains("data.kernel") && keys.contains("network.block.kernel"))
    let one = try ResultTable(records: [run("data", 3, 3), run("data", 5, 3)])
    #expect(one.readableColumns.map(\.key).contains("kernel"))
    #expect(one.readableColumns.map(\.title).contains("kernel"))
  }

  /// The fields that only one kind has say nothing beside the kind, unless they differ within it.
  @Test func fieldsOfOneKindAreNoColumns() throws {
    func run(_ optimizer: String, seed: Int = 1) -> RunRecord {
      var run = SyntheticRuns.run(block: "regular-conv", seed: seed, top1: 0.5)
      run.id = optimizer
      run.configuration = "{\"seed\":1,\"training\":{\"optimizer\":{\(optimizer)}}}"
      return run
    }
    let sgd = run(#""kind":"sgd","learningRate":0.1,"momentum":0.9"#)
    let adamw = run(#""kind":"adamw","learningRate":0.01,"beta1":0.9"#)
    let table = try ResultTable(records: [sgd, adamw])
    #expect(
      SettingNames(table.points).varying.map { $0.split(separator: ".").last } == [
        "kind", "learningRate",
      ])
    #expect(table.readableColumns.map(\.title).contains("optimizer"))
    let heavy = run(#""kind":"sgd","learningRate":0.1,"momentum":0.99"#)
    let within = try ResultTable(records: [sgd, heavy, adamw])
    #expect(within.readableColumns.map(\.title).contains("momentum"))
  }

  /// Widths that follow from a budget tell no series apart; widths that were chosen do.
  @Test func aVariedWidthIsASeriesAndASolvedOneIsNone() throws {
    let free = [16, 32].flatMap { width in
      Self.blocks.map { block, segments in
        var run = SyntheticRuns.run(
          block: block, segments: segments, width: width, seed: 1, top1: 0.5, target: nil)
        run.id += "-\(width)"
        return run
      }
    }
    let table = try ResultTable(records: free, against: "regular-conv")
    #expect(PlotSeries.series(of: table).map(\.name) == ["width = 16", "width = 32"])
    #expect(
      table.points.compactMap { table.comparison?.pairs(of: $0, "test/top1") }.count == 4)
    let solved = zip([16, 24, 38], Self.blocks).map { width, block in
      SyntheticRuns.run(block: block.0, segments: block.1, width: width, seed: 1, top1: 0.5)
    }
    #expect(PlotSeries.series(of: try ResultTable(records: solved)).map(\.name) == [""])
  }

  /// The label says what the network has, where the configuration says only how wide segments are.
  @Test func segmentsAreThoseOfTheNetwork() throws {
    let runs = [(18, 2), (7, 4)].map { segments, width in
      var run = SyntheticRuns.run(
        block: "segmented-inception", width: segments * width, seed: 0, top1: 0.5)
      run.id = "\(segments)"
      run.labels.insert(RunRecord.Label(name: "segments", value: "\(segments)"), at: 1)
      return run
    }
    let table = try ResultTable(records: runs)
    #expect(table.points.map(\.position.name) == ["7", "18"])
    #expect(titles(table).contains("segments"))
  }

  @Test func aCopyCountsOnce() throws {
    let runs = Self.runs(seeds: 0...3)
    let table = try ResultTable(records: runs + runs.reversed())
    #expect(table.points.map(\.finished.count) == [4, 4, 4])
  }

  /// A run whose evaluation is not finite failed, and enters no mean, whatever its file says.
  @Test func aResultThatIsNoNumberIsAFailure() throws {
    var runs = Self.runs(seeds: 0...2)
    runs[0].metrics = ["test/top1": 0, "test/loss": .nan]
    let table = try ResultTable(records: runs, against: "extreme-inception")
    #expect(table.points[0].finished.count == 2)
    #expect(table.points[0].failed.map(\.id) == [runs[0].id])
    #expect((table.points[0].statistics(of: "test/top1")?.mean ?? .nan) > 0.5)
    #expect(table.notes.contains { $0.contains("test/loss is not finite") })
    #expect(table.notes.contains { $0.contains("Lost to failed runs: 1 pair.") })
  }
}
