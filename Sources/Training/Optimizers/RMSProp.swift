// SPDX-License-Identifier: Apache-2.0

import Kernels
import Settings

/// m = rho·m + (1−rho)·g²; v = momentum·v + rate·g/√(m + epsilon); w −= v: TensorFlow's form, in which
/// the epsilon stands inside the root.
///
/// m begins at `initialMeanSquare`: 1, as in TensorFlow's RMSPropOptimizer, which TF-Slim's recipe and
/// so the paper used, and which holds the first steps back; Keras begins at 0.
///
/// In files: `{"kind": "rmsprop", "learningRate": 0.001, "rho": 0.9, "momentum": 0.9, "epsilon": 1,
/// "initialMeanSquare": 1}`.
public struct RMSProp: UpdateRule {
  public static let key = "rmsprop"
  public static let usualLearningRate = 0.001
  public let rho: Float
  public let momentum: Float
  public let epsilon: Float
  public let initialMeanSquare: Float

  public init(_ fields: inout Fields) throws(SettingsError) {
    rho = try fields.constant(
      "rho", default: 0.9, in: 0...0.999999, "decay of the mean square")
    momentum = try fields.constant(
      "momentum", default: 0.9, in: 0...0.9999, "share of the last step that is made again")
    epsilon = try fields.constant(
      "epsilon", default: 1e-3, in: 1e-12...10, "what keeps divisors from zero")
    initialMeanSquare = try fields.constant(
      "initialMeanSquare", default: 1, in: 0...1e6, "what the mean square begins at")
  }

  public var initialMemory: [Float] { [initialMeanSquare, 0] }

  public func update(
    _ weights: FloatBuffer, gradients: FloatBuffer, memory: [FloatBuffer], _ step: UpdateStep
  ) {
    UpdateKernel.rmsprop(
      weights: weights, gradients: gradients, meanSquare: memory[0], velocity: memory[1],
      learningRate: step.learningRate, rho: rho, momentum: momentum, epsilon: epsilon,
      decay: step.decay, pool: step.pool)
  }
}
