// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import ExperimentRunner

/// Points that an experiment leaves out, and those that mean nothing.
@Suite struct ExclusionTests {
  private static let betweens = """
    vary={"network.block.kind": ["regular-conv", "separable-conv"],
      "network.block.between": ["none", "relu"]}
    """

  @Test func excludedPointsAreLeftOut() throws {
    let exclusion =
      #"exclude=[{"network.block.kind": "regular-conv", "network.block.between": "relu"}]"#
    let plan = try ExperimentText.experiment(overrides: [Self.betweens, exclusion]).plan()
    #expect(
      plan.runs.map(\.point) == [
        "regular-conv, between none", "separable-conv, between none",
        "separable-conv, between relu",
      ])
    #expect(plan.excludedPoints == 1)
    #expect(plan.notes == ["1 point is left out by exclude"])
  }

  /// A single convolution has nothing for an activation to stand between; whoever asks for just that
  /// is told, where a grid goes without.
  @Test func whatMeansNothingIsLeftOutOfAGrid() throws {
    let plan = try ExperimentText.experiment(overrides: [Self.betweens]).plan()
    #expect(
      plan.runs.map(\.point) == [
        "regular-conv, between none", "separable-conv, between none",
        "separable-conv, between relu",
      ])
    #expect(plan.meaninglessPoints == 1 && plan.excludedPoints == 0)
    #expect(plan.notes.count == 1)
    #expect(plan.notes[0].hasPrefix("1 point is left out: regular-conv has a single operation"))
    let arm = try ExperimentText.message(
      overrides: [#"vary=[{"network.block": {"kind": "regular-conv", "between": "relu"}}]"#])
    #expect(arm.contains("between"), "\(arm)")
    let alone = try ExperimentText.message(
      overrides: [
        #"network.block={"kind": "regular-conv"}"#, #"vary={"network.block.between": ["relu"]}"#,
      ])
    #expect(alone.contains("leaves no point"), "\(alone)")
  }

  @Test func exclusionsSeeDefaultsPartsAndNames() throws {
    func count(_ exclusion: String) throws -> Int {
      try ExperimentText.runs(
        #"vary=[{"name": "a"}, {"network.block": {"kind": "segmented-inception", "segments": 2}}]"#,
        "exclude=[\(exclusion)]"
      ).count
    }
    #expect(try count(#"{"name": "a"}"#) == 1)
    #expect(try count(#"{"network.block.kernel": 3, "network.block.segments": 2.0}"#) == 1)
    #expect(try count(#"{"network.block": {"kind": "segmented-inception"}}"#) == 1)
    #expect(try count(#"{"network": {"block": {"segments": null}}}"#) == 1)
  }

  @Test(arguments: [
    (#"exclude=[{"network.width": 7}]"#, "exclude[0]: matches none of the 4 points"),
    (#"exclude=[{"training.epochs": 6}]"#, "exclude: must leave at least one point"),
    ("exclude=[{}]", "exclude[0] is {}; it must be an object of paths"),
    ("exclude=3", "exclude is 3; it must be a list"),
    (
      #"exclude=[{"data.lamda": null}]"#,
      #"is a field that no point has (did you mean "data.lambda"#
    ),
    (#"exclude=[{"data": {"lamda": 0}}]"#, "exclude[0].data.lamda: is a field that no point has"),
    (#"exclude=[{"netwrk.width": 3}]"#, "(did you mean \"network\"?)"),
  ])
  func wrongExclusionsAreNamed(_ exclusion: String, _ text: String) throws {
    let message = try ExperimentText.message(overrides: [Self.betweens, exclusion])
    #expect(message.contains(text), "\(message)")
  }
}
