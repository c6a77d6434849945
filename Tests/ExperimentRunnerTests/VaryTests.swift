// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@testable import ExperimentRunner

/// What varies: factors, arms, exclusions, names.
@Suite struct VaryTests {
  private static func points(_ overrides: String...) throws -> [String] {
    try ExperimentText.experiment(overrides: overrides).runs().map(\.point)
  }

  // MARK: Names

  @Test func pointsAreNamedByWhatDiffers() throws {
    let block = """
      vary={"network.block": [{"kind": "separable-conv"},
        {"kind": "separable-conv", "depthMultiplier": 2}, {"kind": "regular-conv"},
        {"kind": "regular-conv", "kernel": 5}]}
      """
    #expect(
      try Self.points(block) == [
        "separable-conv, kernel 3", "separable-conv, depthMultiplier 2, kernel 3",
        "regular-conv, kernel 3", "regular-conv, kernel 5",
      ])
    #expect(
      try Self.points("vary.data.lambda=[0, 0.5]", "vary.network.width=[4, 8]") == [
        "lambda 0, width 4", "lambda 0, width 8", "lambda 0.5, width 4", "lambda 0.5, width 8",
      ])
  }

  @Test func pathsThatShareTheirLastPartAreWhole() throws {
    #expect(
      try Self.points(
        #"vary.training.schedule.kind=["constant", "cosine"]"#,
        #"vary.training.optimizer.kind=["sgd", "rmsprop"]"#,
        #"training.optimizer={"learningRate": 0.1}"#
      ).first == "optimizer sgd, schedule constant")
  }

  /// The kind comes first, with the fields that differ within it alone.
  @Test func wholeObjectsAreNamedByTheirKind() throws {
    let kinds =
      #"vary.training.optimizer=[{"kind": "sgd"}, {"kind": "rmsprop"}, {"kind": "adamw"}]"#
    #expect(try Self.points(kinds) == ["optimizer sgd", "optimizer rmsprop", "optimizer adamw"])
    let crossed = try Self.points(kinds, "vary.training.optimizer.learningRate=[0.1, 1]")
    #expect(crossed.first == "optimizer sgd, learningRate 0.1")
    #expect(crossed.last == "optimizer adamw, learningRate 1")
    #expect(
      try Self.points(
        """
        vary.training.optimizer=[{"kind": "sgd", "learningRate": 0.1},
          {"kind": "sgd", "learningRate": 1}, {"kind": "adamw"}]
        """
      ) == [
        "optimizer sgd, learningRate 0.1", "optimizer sgd, learningRate 1", "optimizer adamw",
      ])
    let schedules = #"vary.training.schedule=[{"kind": "constant"}, {"kind": "cosine"}]"#
    #expect(try Self.points(schedules) == ["schedule constant", "schedule cosine"])
    #expect(
      try Self.points(
        kinds, schedules, #"vary.network.block.kind=["regular-conv", "separable-conv"]"#
      ).allSatisfy { $0.contains(/^[a-z-]+, optimizer [a-z]+, schedule [a-z]+$/) })
  }

  @Test func aNetworkWithoutBlockIsNamed() throws {
    let network = #"network={"network": "xception", "small": true, "widthMultiplier": 0.02}"#
    #expect(try Self.points(network) == ["xception"])
    #expect(
      try Self.points(#"vary.network=["probe", {"network": "stack", "stages": 1}]"#)
        == ["probe, width 32", "stack, width 64"])
  }

  // MARK: Arms

  /// An arm without a name is named by what sets it apart from all others, those with names included.
  @Test func unnamedArmsDifferFromNamedOnes() throws {
    let decay = #"{"network.block": {"kind": "regular-conv"}, "training.weightDecay": 0.001}"#
    let base = #"{"name": "base", "network.block": {"kind": "regular-conv"}}"#
    #expect(try Self.points("vary=[\(base), \(decay)]") == ["base", "weightDecay 0.001"])
    #expect(
      try Self.points("vary=[\(base), \(decay)]", "vary.data.lambda=[0, 1]") == [
        "base, lambda 0", "base, lambda 1", "lambda 0, weightDecay 0.001",
        "lambda 1, weightDecay 0.001",
      ])
    let own = #"{"network.block": {"kind": "extreme-inception"}, "training.weightDecay": 0.001}"#
    let wide = #"{"name": "wide", "network.width": 8}"#
    #expect(
      try Self.points("vary=[\(base), \(wide), \(own)]", "vary.data.lambda=[0, 1]").suffix(2) == [
        "extreme-inception, lambda 0, weightDecay 0.001, width 6",
        "extreme-inception, lambda 1, weightDecay 0.001, width 6",
      ])
    // What `vary` sets as a whole object is told down to the field that differs.
    let rate = #""training.optimizer": {"kind": "adamw", "learningRate": "#
    #expect(
      try Self.points(#"vary=[{"name": "slow", \#(rate)0.001}}, {\#(rate)0.01}}]"#) == [
        "slow", "learningRate 0.01",
      ])
    // What tells named arms apart alone is no matter of the others.
    #expect(
      try Self.points(
        #"vary=[{"name": "a", \#(rate)0.001}}, {"name": "b", \#(rate)0.1}}, {"network.width": 8}]"#
      ) == ["a", "b", "width 8"])
  }

  @Test func armsSetSeveralFieldsAtOnce() throws {
    let runs = try ExperimentText.runs(
      """
      vary=[{"network.block.kind": "regular-conv", "training.optimizer.learningRate": 0.1},
        {"network.block.kind": "separable-conv", "training.optimizer.learningRate": 0.3}]
      """)
    #expect(
      runs.map(\.point) == [
        "regular-conv, learningRate 0.1", "separable-conv, learningRate 0.3",
      ])
    #expect(runs.map(\.training.optimizer.learningRate) == [0.1, 0.3])
  }

  @Test func armsAreCrossedWithFactorsAndVaryFurther() throws {
    let runs = try ExperimentText.runs(
      """
      vary={"data.lambda": [0, 1], "arms": [{"name": "plain", "network.width": 4},
        {"name": "wide", "network.width": 8, "vary": {"training.optimizer.learningRate": [1, 2]}}]}
      """)
    #expect(
      runs.map(\.point) == [
        "plain, lambda 0", "plain, lambda 1", "wide, lambda 0, learningRate 1",
        "wide, lambda 1, learningRate 1", "wide, lambda 0, learningRate 2",
        "wide, lambda 1, learningRate 2",
      ])
    #expect(runs.map(\.ownName) == ["plain", "plain"] + [String](repeating: "wide", count: 4))
    #expect(
      try Self.points(#"vary=[{"name": "a"}, {"name": "b", "network.width": 4}]"#) == ["a", "b"])
    // Another factor joins a list of arms.
    #expect(
      try Self.points(
        #"vary=[{"name": "a"}, {"name": "b", "network.width": 4}]"#, "vary.data.lambda=[0, 1]"
      ).count == 4)
  }

  @Test(arguments: [
    ("vary=[]", "vary is []; it must be a list of at least one arm"),
    ("vary=[3]", "vary[0] is 3; it must be an arm"),
    (
      #"vary=[{"netwrk.width": 3}]"#,
      "vary[0].netwrk.width: must begin with data., network., training. or"
    ),
    (#"vary=[{"nam": "a"}]"#, "(did you mean \"name\"?)"),
    (#"vary=[{"name": ""}]"#, "vary[0].name is \"\"; it must be a text of one line"),
    (#"vary={"arms": {}}"#, "vary.arms is {}; it must be a list of at least one arm"),
    (#"vary={"arms": [{"network.width": 3}], "network.width": [4]}"#, "beside an arm that sets"),
    (#"vary=[{"network.width": 3, "vary": {"network.width": [4]}}]"#, "the same field of its arm"),
    (
      #"vary=[{"name": "x"}, {"name": "y", "network.width": 6}]"#,
      #"vary: gives the names "x" and "y" to the same configuration"#
    ),
    (
      #"vary=[{"name": "x"}, {"name": "x", "network.width": 4}]"#,
      #"vary[1].name is "x"; it must be another name"#
    ),
    (#"vary=[{"network.widht": 3}]"#, "FILE: network.widht: unknown field"),
    (#"vary=[{"vary": {"network.width": 3}}]"#, "vary[0].vary.network.width is 3; it must be a"),
  ])
  func wrongArmsAreNamed(_ override: String, _ text: String) throws {
    let message = try ExperimentText.message(overrides: [override])
    #expect(message.contains(text), "\(message)")
  }

  @Test func tooManyPointsAreRefused() throws {
    let values = "[\((1...400).map(String.init).joined(separator: ","))]"
    let message = try ExperimentText.message(overrides: [
      "vary.data.train=\(values)", "vary.data.test=\(values)",
    ])
    #expect(message.contains("at most 100000 points"), "\(message)")
  }

  @Test func blocksOfStagesAreNamed() throws {
    let points = try Self.points(
      #"network={"network": "stack", "width": 4, "block": {"kind": "separable-conv"}}"#,
      #"vary={"network.blocks": [null, [{"kind": "regular-conv"}, null, null]]}"#)
    #expect(points.count == 2 && Set(points).count == 2)
    #expect(points[1].contains("blocks regular-conv / — / —"), "\(points)")
    let several = try ExperimentText.message(
      overrides: [
        #"network={"network": "stack", "blocks": [{"kind": "regular-conv"}, null, null]}"#,
        #"budget={"target": 9000, "hold": "segment-width"}"#,
      ])
    #expect(several.contains("segment-width can be held of one block"), "\(several)")
  }

  @Test func equalPointsCountOnceAndAreTold() throws {
    let plan = try ExperimentText.experiment(
      overrides: [#"vary=[{"name": "a"}, {"network.width": 6}]"#]
    ).plan()
    #expect(plan.runs.map(\.point) == ["a"])
    #expect(plan.repeatedPoints == 1)
    #expect(plan.notes == ["1 point is the same as another; each counts once"])
  }

  @Test func widthsOfSinglePartsAreNamedOnce() throws {
    let runs = try ExperimentText.experiment(
      overrides: ["vary.network.stemWidth=[6, 4]", "vary.data.lambda=null", "seeds=1"]
    ).runs()
    #expect(Set(runs.map(\.point)).isSuperset(of: ["stemWidth 4"]))
    #expect(runs.allSatisfy { !$0.point.contains("network.") && !$0.point.isEmpty })
  }

  // MARK: Files and records

  @Test func aFileOfAnotherNameNamesItsResults() throws {
    let scratch = try ScratchFolder()
    for name in ["experiment", "small"] {
      try Data(ExperimentText.base.utf8)
        .write(to: scratch.url.appendingPathComponent("\(name).json"))
    }
    let folder = scratch.url.path
    #expect(try Experiment(path: "\(folder)/small.json").name == "small")
    #expect(
      try Experiment(path: folder).name == URL(fileURLWithPath: folder).lastPathComponent)
  }

  @Test func theRecordTellsPointsNamesAndBudgets() throws {
    let overrides = [
      #"vary=[{"name": "a"}, {"network.block.kind": "regular-conv"}]"#, "seeds=[3, 1]",
      #"budget={"target": 400}"#, "network.width=null",
    ]
    let experiment = try ExperimentText.experiment(overrides: overrides)
    let runs = try experiment.runs()
    let (record, id) = experiment.record(of: runs, asked: Date(timeIntervalSince1970: 0))
    #expect(record.name == "question")
    #expect(record.asked == "1970-01-01T00:00:00Z")
    #expect(record.points.map(\.name) == ["a", nil])
    #expect(record.points.map { $0.runs.map(\.seed) } == [[3, 1], [3, 1]])
    #expect(record.points.flatMap { $0.runs.map(\.id) } == runs.map(\.id))
    #expect(record.points.allSatisfy { $0.budget?.target == 400 })
    #expect(try JSON(text: record.experiment, source: "")["seeds"] == [3, 1])
    #expect(experiment.record(of: runs, asked: .now).id == id)
    let other = try ExperimentText.experiment(overrides: overrides + ["seeds=1"])
    #expect(try other.record(of: other.runs(), asked: .now).id != id)
  }
}
