// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings
import Testing

@testable import ExperimentRunner

/// Experiment files: what they mean and how they are refused.
@Suite struct ExperimentTests {
  @Test func aFileIsNamedAfterItsFolder() throws {
    let experiment = try ExperimentText.experiment()
    #expect(experiment.name == "question")
    #expect(experiment.question == "Does it hold?")
    let runs = try experiment.runs()
    #expect(runs.count == 1)
    #expect(runs.first?.steps == 6 * 8)
    #expect(runs.first?.title == "separable-conv, between none, width 6, seed 0")
  }

  // MARK: Refusals

  @Test(arguments: [
    (["trainings.epochs=2"], "FILE: trainings: unknown field"),
    (["trainings.epochs=2"], "(did you mean \"training\"?)"),
    (["training.epoch=2"], "FILE: training.epoch: unknown field"),
    (["training.epoch=2"], "(did you mean \"epochs\"?)"),
    (["data.lamda=1"], "FILE: data.lamda: unknown field"),
    (["data.lamda=1"], "(did you mean \"lambda\"?)"),
    (["data.kind=couplin"], "(did you mean \"coupling\"?)"),
    (["data.lambda=2"], "FILE: data.lambda is 2; it must lie between"),
    (["data.channels=6"], "FILE: data.channels is 6; it must be a power of two"),
    (["training=3"], "FILE: training is 3; it must be an object"),
    (["training.epochs=two"], "FILE: training.epochs is \"two\"; it must be a whole number"),
    (["network.width=0"], "FILE: network.width is 0; it must lie between 1 and 8192"),
    (
      ["network.block.segments=2"],
      "FILE: network.block.segments is 2; it is no option of separable-conv; beside filters"
    ),
    (["network=probee"], "FILE: network.network is \"probee\"; it must be one of: stack, probe"),
    (["version=2"], "FILE: version is 2; it must be 1"),
    (["seeds=0"], "FILE: seeds is 0; it must lie between 1 and 1000"),
    (["seeds=[]"], "FILE: seeds is []; it must be a number of seeds or a list of different ones"),
    (["seeds=[1,2,1]"], "FILE: seeds is [1,2,1]; it must be a number of seeds"),
    (["seeds=[-1]"], "has -1: each must lie between 0"),
    (["seeds=many"], "FILE: seeds is \"many\"; it must be a whole number"),
    (["vary=3"], "FILE: vary is 3; it must be an object of paths"),
    (["vary={\"netwrk.width\": [1]}"], "FILE: vary.netwrk.width: must begin with"),
    (["vary={\"netwrk.width\": [1]}"], "(did you mean \"network\"?)"),
    (
      ["vary={\"seed\": [1]}"],
      "FILE: vary.seed: must begin with data., network., training. or budget."
    ),
    (["vary={\"network.width\": []}"], "is []; it must be a list of at least one value"),
    (["vary={\"network.width\": 8}"], "is 8; it must be a list of at least one value"),
    (["vary={\"network.widht\": [8]}"], "FILE: network.widht: unknown field"),
    (["vary={\"network.width\": [8, 0]}"], "FILE: network.width is 0; it must lie between"),
    (
      ["budget={\"target\": 0}"],
      "FILE: budget.target is 0; it must be a whole number of at least 1"
    ),
    (["budget={\"target\": 100, \"hold\": \"segment\"}"], "(did you mean \"segments\"?)"),
    (
      ["budget={\"target\": 1.5}"],
      "FILE: budget.target is 1.5; it must be a whole number of at least"
    ),
    (["budget={\"target\": 1e300}"], "it must be a whole number of at least 1, or a network"),
    (["budget={\"target\": [1]}"], "it must be a whole number of at least 1, or a network"),
    (["budget={\"target\": \"prob\"}"], "(did you mean \"probe\"?)"),
    (
      ["budget={\"target\": 100}", "vary={\"network.width\": [4, 8]}"],
      "FILE: vary.network.width: must not stand beside a budget"
    ),
    (
      [
        "budget={\"target\": 100, \"hold\": \"segment-width\"}",
        "network.block.kind=xception-block",
      ],
      "FILE: budget: at the point xception-block, between none: segment-width can be held only where"
    ),
    (["budget={}"], "FILE: budget.target: is missing; it must be a count or a network"),
    (["budget={\"target\": 100, \"quantty\": \"parameters\"}"], "(did you mean \"quantity\"?)"),
    (["nothing"], "--set is nothing; it must have the form path=value, as in"),
    (["=3"], "must have the form path=value"),
  ])
  func badFieldsAreNamed(_ overrides: [String], _ text: String) throws {
    let message = try ExperimentText.message(overrides: overrides)
    #expect(message.contains(text), "\(message)")
  }

  @Test(arguments: ["data", "network", "training"])
  func everyPartMustBeThere(_ part: String) throws {
    let parts = ["data": "{}", "network": "\"probe\"", "training": "{}"].filter { $0.key != part }
    let text = parts.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
    let message = try ExperimentText.message("{\(text)}")
    #expect(message == "FILE: \(part): is missing; an experiment says what its \(part) is")
  }

  @Test func textThatIsNoJSONSaysWhere() throws {
    for text in ["", "{", "{\"seeds\": 1,,}", "[1, 2]", "{\"seeds\": 1} 2"] {
      let message = try ExperimentText.message(text)
      #expect(message.hasPrefix("FILE"), "\(message)")
      #expect(message.count > 10, "\(message)")
    }
  }

  @Test func aPathThatIsNoExperimentIsNamed() {
    let error = #expect(throws: (any Error).self) { try Experiment(path: "no/such/folder") }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.hasPrefix("no/such/folder: is no experiment file, no folder with"))
  }

  // MARK: Overrides

  @Test func overridesReplaceFields() throws {
    let runs = try ExperimentText.runs(
      "training.epochs=2", "network.block={\"kind\": \"extreme-inception\"}", "data.lambda=0.5",
      "network.block.between=relu")
    let run = try #require(runs.first)
    #expect(run.training.epochs == 2)
    #expect(run.data.canonical["lambda"] == .number(0.5))
    #expect(run.title == "extreme-inception, between relu, width 6, seed 0")
  }

  // MARK: The cross product

  @Test func runsAreAllCombinationsSeedsInnermost() throws {
    let runs = try ExperimentText.runs(
      """
      vary={"network.width": [4, 8], "data.lambda": [0, 1],
        "network.block": [{"kind": "regular-conv"}, {"kind": "segmented-inception", "segments": 2}]}
      """, "seeds=[5, 2]")
    #expect(runs.count == 2 * 2 * 2 * 2)
    #expect(Set(runs.map(\.id)).count == 16)
    // Paths in the order of the alphabet, the last one turning fastest, but for the seeds.
    let points = runs.map { run in
      "\(run.data.canonical["lambda"]?.numberValue ?? -1) \(run.labels[0].value) \(run.graph.nodes[1].output.channels)"
        + " \(run.seed)"
    }
    #expect(
      Array(points.prefix(6)) == [
        "0.0 regular-conv 4 5", "0.0 regular-conv 4 2", "0.0 regular-conv 8 5",
        "0.0 regular-conv 8 2", "0.0 segmented-inception 4 5", "0.0 segmented-inception 4 2",
      ])
    #expect(points.last == "1.0 segmented-inception 8 2")
  }

  /// What varies beside the network is no label: tables take it from the configuration.
  @Test func labelsTellTheNetwork() throws {
    let runs = try ExperimentText.runs(
      """
      vary={"data.lambda": [0.5], "training.optimizer.learningRate": [0.1, 0.2],
        "network.block": [{"kind": "segmented-inception", "segments": 2, "between": "elu"}]}
      """)
    #expect(runs.count == 2)
    let labels = try #require(runs.first).labels.map { "\($0.name)=\($0.value)" }
    #expect(labels == ["block=segmented-inception", "segments=2", "between=elu", "width=6"])
  }

  /// A width that varies is named once; so is a number of segments.
  @Test func noLabelStandsTwice() throws {
    let runs = try ExperimentText.runs(
      "vary={\"network.width\": [4, 8], \"network.block.segments\": [1, 2]}",
      "network.block={\"kind\": \"segmented-inception\"}")
    #expect(runs.count == 4)
    for run in runs {
      #expect(run.labels.map(\.name) == ["block", "segments", "between", "width"])
    }
  }

  /// The segments that a label tells are those of the network that is run.
  @Test func labelsTellTheSegmentsThatAHeldWidthGives() throws {
    let runs = try ExperimentText.runs(
      "network.width=32", "network.block={\"kind\": \"segmented-inception\"}",
      "vary={\"network.block.segments\": [2, 4, 8, 16]}",
      "budget={\"target\": 2500, \"hold\": \"segment-width\"}")
    #expect(runs.count == 4)
    for (run, segmentWidth) in zip(runs, [16, 8, 4, 2]) {
      func label(_ name: String) -> Int? {
        run.labels.first { $0.name == name }.flatMap { Int($0.value) }
      }
      let convolutions = run.graph.nodes.compactMap { ($0.op as? Convolution)?.segments.count }
      #expect(label("segments") == convolutions.max())
      #expect(label("segmentWidth") == segmentWidth)
      #expect(try #require(label("segments")) * segmentWidth == label("width"))
    }
  }

  @Test func theWholeSpectrumCanHoldASegmentWidth() throws {
    let runs = try ExperimentText.runs(
      """
      vary={"network.block": [{"kind": "regular-conv"}, {"kind": "extreme-inception"},
        {"kind": "separable-conv"}, {"kind": "segmented-inception", "segments": 3, "unequal": true}]}
      """, "budget={\"target\": 1500, \"hold\": \"segment-width\"}")
    let segments = runs.map { run in run.labels.first { $0.name == "segments" }?.value }
    #expect(segments.prefix(3) == [nil, nil, nil])
    #expect(runs.last?.network.settings["block.segmentWidth"] == 2)
    let free = try ExperimentText.runs(
      "vary={\"network.block\": [{\"kind\": \"regular-conv\"}]}", "budget={\"target\": 1500}",
      "network.width=null")
    #expect(runs.first?.id == free.first?.id)
  }

  // MARK: From process to process

  @Test func aLineMakesTheSameExperiment() throws {
    let experiment = try ExperimentText.experiment(overrides: [
      "data.lambda=0.3", "vary.network.width=[4, 8]", "question=\"two\\nlines\"",
    ])
    #expect(!experiment.line.contains("\n"))
    let other = try Experiment(line: experiment.line)
    #expect(other.name == experiment.name)
    #expect(other.question == "two\nlines")
    #expect(try other.runs().map(\.id) == experiment.runs().map(\.id))
    #expect(try other.runs().count == 2)
    #expect(throws: SettingsError.self) { try Experiment(line: "{}") }
  }

  /// Paths under `vary` have dots of their own.
  @Test func whatVariesCanBeOverridden() throws {
    let vary = "vary={\"data.lambda\": [0, 0.5, 1], \"network.width\": [4, 8]}"
    #expect(try ExperimentText.runs(vary).count == 6)
    #expect(try ExperimentText.runs(vary, "vary.data.lambda=[0]").count == 2)
    #expect(try ExperimentText.runs(vary, "vary.data.lambda=null").count == 2)
    #expect(try ExperimentText.runs("vary.data.lambda=[0, 1]").count == 2)
  }

  /// A value that stands twice, or is said in two ways, is one run.
  @Test func equalRunsAreOne() throws {
    #expect(try ExperimentText.runs("vary={\"network.width\": [4, 4, 4.0]}").count == 1)
  }

  @Test(arguments: [("3", [0, 1, 2]), ("[7]", [7]), ("[3, 1]", [3, 1]), ("1", [0])])
  func seedsAreANumberOrAList(_ text: String, _ seeds: [Int]) throws {
    #expect(try ExperimentText.runs("seeds=\(text)").map(\.seed) == seeds)
  }

  @Test func budgetsSolveTheWidth() throws {
    let runs = try ExperimentText.runs(
      """
      vary={"network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"},
        {"kind": "segmented-inception", "segments": 4}]}
      """, "budget={\"target\": 1500}", "network.width=null")
    #expect(runs.count == 3)
    for run in runs {
      let budget = try #require(run.budget)
      #expect(budget.target == 1500)
      #expect(budget.actual == run.graph.cost.trainableParameters)
      #expect(abs(budget.mismatch) < 0.12)
    }
    #expect(Set(runs.map { $0.graph.nodes[1].output.channels }).count == 3)
  }
}
