// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// Learning rates of their own for what is no kernel: `biasRateFactor` and `scaleRateFactor` in files.
///
/// Source: D. Page, "How to Train Your ResNet 8: Bag of Tricks", 2019; K. Jordan, "94 % on CIFAR-10 in
/// 3.29 Seconds on a Single GPU", 2024, section 3.4: 64 for biases.
public struct RateFactors: Hashable, Sendable {
  /// Of biases, and of batch norms' offsets.
  public let bias: Double
  /// Of batch norms' scales.
  public let scale: Double

  init(_ fields: inout Fields) throws(SettingsError) {
    bias = try fields.number(
      "biasRateFactor", default: 1, in: 0.001...1000,
      "what the rate of biases and of batch norms' offsets is multiplied by (Page, 2019)",
      recorded: .unlessDefault)
    scale = try fields.number(
      "scaleRateFactor", default: 1, in: 0.001...1000,
      "what the rate of batch norms' scales is multiplied by", recorded: .unlessDefault)
  }

  /// What the learning rate of a parameter is multiplied by.
  subscript(role: Parameter.Role) -> Double {
    switch role {
    case .bias, .offset: bias
    case .scale: scale
    case .kernel, .depthwiseKernel, .runningMean, .runningVariance: 1
    }
  }
}
