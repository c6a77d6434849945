// SPDX-License-Identifier: Apache-2.0

/// A claim of the Xception paper that an experiment tests: one declaration says where it stands, what
/// it says, and which contrast of which rows decides it.
public struct ExperimentClaim: Sendable {
  /// What is computed from rows, `first` and `second` being `--where` conditions that choose them.
  enum Effect: Sendable {
    /// The mean of `first` rows less that of `second` rows, each paired with the one that differs in
    /// nothing but what the conditions name.
    case difference(first: [String], second: [String])
    /// The slope over the segment width, by doublings, of `first` rows less that of `second` rows.
    case slopeOverSegmentWidth(first: [String], second: [String])
  }

  /// What the paper says of the effect.
  enum Expectation: Sendable {
    case positive
    /// It matters not: no farther from 0 than this, to either side.
    case within(Double)
  }

  /// Section, figure or table of the paper.
  public let place: String
  /// What the paper says, as far as it is tested.
  public let statement: String
  /// The folder of its results.
  public let experiment: String
  /// What chooses the rows, of both sides.
  let conditions: [String]
  /// What is equal among them by a budget; nil where that may be anything.
  let budget: String?
  let effect: Effect
  let expectation: Expectation
  let metric: String

  init(
    _ place: String, _ statement: String, experiment: String, where conditions: [String] = [],
    budget: String? = nil, _ effect: Effect, is expectation: Expectation = .positive,
    metric: String = "test/top1"
  ) {
    (self.place, self.statement, self.experiment) = (place, statement, experiment)
    (self.conditions, self.effect, self.expectation) = (conditions, effect, expectation)
    (self.metric, self.budget) = (metric, budget)
  }
}

extension ExperimentClaim {
  /// The conditions of the two sides.
  var first: [String] { sides.first }
  var second: [String] { sides.second }

  private var sides: (first: [String], second: [String]) {
    switch effect {
    case .difference(let first, let second), .slopeOverSegmentWidth(let first, let second):
      (first, second)
    }
  }
}

extension ExperimentClaim {
  /// Every claim that an experiment tests, in the order of the paper.
  public static let all: [ExperimentClaim] = [
    ExperimentClaim(
      "section 1.1",
      "it is preferable not to map channels and space jointly: separable convolutions do better than "
        + "regular ones at equal parameters",
      experiment: "continuum",
      .difference(first: ["block=separable-conv"], second: ["block=regular-conv"])),
    ExperimentClaim(
      "section 3", "which of the two operations comes first is unimportant where they are stacked",
      experiment: "activation-between", where: ["between=none", "segmentWidth=1"],
      .difference(first: ["block=segmented-separable"], second: ["block=segmented-inception"]),
      is: .within(0.01)),
    ExperimentClaim(
      "Tables 1, 3", "at equal parameters Xception does better than Inception V3",
      experiment: "xception-vs-inception", budget: "parameters",
      .difference(first: ["network=xception"], second: ["network=inception-v3"])),
    ExperimentClaim(
      "Table 2", "Xception does better than Inception V3 on many labels, without dense layers",
      experiment: "many-labels", where: ["fullyConnected=none"],
      .difference(first: ["network=xception"], second: ["network=inception-v3"]),
      metric: "test/map"),
    ExperimentClaim(
      "Table 2", "Xception does better than Inception V3 on many labels, with dense layers",
      experiment: "many-labels", where: ["fullyConnected!=none"],
      .difference(first: ["network=xception"], second: ["network=inception-v3"]),
      metric: "test/map"),
    ExperimentClaim(
      "section 4.6, Fig. 9", "shortcuts are essential: Xception does better with than without them",
      experiment: "residual-ablation", where: ["network=xception"],
      .difference(first: ["residual=true"], second: ["residual=false"])),
    ExperimentClaim(
      "section 4.6",
      "without shortcuts, separable convolutions in the manner of VGG do better than Inception V3",
      experiment: "xception-vs-inception",
      .difference(first: ["network=xception-vgg-style"], second: ["network=inception-v3"])),
    ExperimentClaim(
      "section 4.7, Fig. 10",
      "between depthwise and pointwise convolution, nothing does better than a ReLU",
      experiment: "activation-between", where: ["block=segmented-separable", "segmentWidth=1"],
      .difference(first: ["between=none"], second: ["between=relu"])),
    ExperimentClaim(
      "section 4.7", "in wide segments, as Inception's, a ReLU between the operations helps",
      experiment: "activation-between", where: ["block=segmented-inception", "segmentWidth=16"],
      .difference(first: ["between=relu"], second: ["between=none"])),
    ExperimentClaim(
      "section 4.7", "the wider the segments, the more a ReLU between the operations helps",
      experiment: "activation-between", where: ["block=segmented-inception,segmented-separable"],
      .slopeOverSegmentWidth(first: ["between=relu"], second: ["between=none"])),
  ]
}
