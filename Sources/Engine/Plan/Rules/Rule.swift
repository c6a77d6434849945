// SPDX-License-Identifier: Apache-2.0

/// A rewriting of a plan's steps that leaves what they compute as it is, but for rounding.
protocol Rule: Sendable {
  func rewrite(_ schedule: inout Schedule)
}

extension Plan {
  /// Spare passes over memory, in the order in which they are applied. The plain plan has none.
  static let fusions: [any Rule] = [
    DepthwiseIntoPointwise(), AbsorbNormalization(), AbsorbActivation(), MaskOnce(),
    GatherMoments(), HandGradientOn(), GatherSums(),
  ]

  /// Spare memory, once it is known what steps read and write.
  static let placements: [any Rule] = [WorkInPlace(), ShareGradientOfSum()]
}
