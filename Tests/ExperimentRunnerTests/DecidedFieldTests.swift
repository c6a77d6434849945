// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@testable import ExperimentRunner

/// What `vary` or a budget decides cannot be set beside it.
@Suite struct DecidedFieldTests {
  @Test(arguments: [
    (
      ["vary.data.lambda=[0, 1]", "data.lambda=0.5"],
      "--set: data.lambda is 0.5; it would change nothing, as vary decides this field at every "
        + "point; say --set 'vary.data.lambda=[0.5]'"
    ),
    (
      [#"vary.network.block=[{"kind": "regular-conv"}]"#, "network.block.kernel=5"],
      "say --set 'vary.network.block=[…]'"
    ),
    ([#"vary=[{"network.width": 4}]"#, "network.width=5"], "change it in the arms"),
    (
      ["vary.data.lambda=[0, 1]", "data.lambda=null"],
      "--set: data.lambda is null; it would change nothing, as vary decides"
    ),
    (
      ["vary.data.lambda=[0, 1]", #"data={"kind": "coupling", "lambda": 0.5}"#],
      "--set: data.lambda is 0.5; it would change nothing, as vary decides"
    ),
    (
      [
        "vary.training.optimizer.learningRate=[0.1, 0.2]",
        #"training={"epochs": 1, "optimizer": {"kind": "sgd", "learningRate": 0.5}}"#,
      ],
      "--set: training.optimizer.learningRate is 0.5; it would change nothing"
    ),
    (
      [
        #"vary.network.block=[{"kind": "regular-conv"}]"#,
        #"network={"network": "probe", "width": 6, "block": {"kind": "separable-conv"}}"#,
      ],
      "--set: network.block.kind is \"separable-conv\"; it would change nothing"
    ),
    (
      ["network.width=99", #"budget={"target": 400}"#],
      "--set: network.width is 99; it must not be set beside a budget"
    ),
    (
      [#"network={"network": "probe", "width": 99}"#, #"budget={"target": 400}"#],
      "--set: network.width is 99; it must not be set beside a budget"
    ),
    (
      [
        "network.width=null", #"budget={"target": 400}"#,
        #"vary.network=[{"network": "probe", "width": 7}]"#,
      ],
      "--set: network.width is 7; it must not stand beside a budget"
    ),
    (
      [#"budget={"target": 400}"#],
      "FILE: network.width is 6; it must not stand beside a budget, which solves the width"
    ),
    (
      ["network.width=null", #"budget={"target": 400}"#, #"vary=[{"network.width": 4}]"#],
      "FILE: vary.network.width: must not stand beside a budget"
    ),
  ])
  func whatIsDecidedElsewhereCannotBeSet(_ overrides: [String], _ text: String) throws {
    let message = try ExperimentText.message(overrides: overrides)
    #expect(message.contains(text), "\(message)")
  }

  @Test func whatIsDecidedOnlyHereAndThereCanBeSet() throws {
    let vary = #"vary=[{"network.width": 4}, {"data.lambda": 1}]"#
    #expect(try ExperimentText.experiment(overrides: [vary, "network.width=8"]).runs().count == 2)
    let plan = try ExperimentText.experiment(overrides: [vary, "network.width=8"]).plan()
    #expect(
      plan.notes == ["--set network.width=8 does not reach 1 of 2 points: its arm sets the field"])
    #expect(
      try ExperimentText.runs(
        #"vary.network.block.kind=["regular-conv"]"#,
        #"network.block={"kernel": 5}"#
      ).first?.network.settings["block.kernel"] == 5)
  }
}
