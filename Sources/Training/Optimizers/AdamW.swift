// SPDX-License-Identifier: Apache-2.0

import Kernels
import Settings

/// Adam with decay apart from the gradient. Source: Loshchilov and Hutter, 2019.
///
/// In files: `{"kind": "adamw", "learningRate": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}`.
public struct AdamW: UpdateRule {
  public static let key = "adamw"
  public static let usualLearningRate = 0.001
  public let beta1: Float
  public let beta2: Float
  public let epsilon: Float

  public init(_ fields: inout Fields) throws(SettingsError) {
    beta1 = try fields.constant(
      "beta1", default: 0.9, in: 0...0.9999, "decay of the mean gradient")
    beta2 = try fields.constant(
      "beta2", default: 0.999, in: 0...0.999999, "decay of the mean square")
    epsilon = try fields.constant(
      "epsilon", default: 1e-7, in: 1e-12...1, "what keeps divisors from zero")
  }

  public var initialMemory: [Float] { [0, 0] }

  public func update(
    _ weights: FloatBuffer, gradients: FloatBuffer, memory: [FloatBuffer], _ step: UpdateStep
  ) {
    UpdateKernel.adamW(
      weights: weights, gradients: gradients, firstMoment: memory[0], secondMoment: memory[1],
      learningRate: step.learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
      decay: step.decay, step: step.number, pool: step.pool)
  }
}
