// SPDX-License-Identifier: Apache-2.0

import Kernels
import Settings

/// v = momentum·v − rate·g; w += v (Nesterov: w += momentum·v − rate·g).
///
/// In files: `{"kind": "sgd", "learningRate": 0.045, "momentum": 0.9, "nesterov": false}`.
public struct SGD: UpdateRule {
  public static let key = "sgd"
  public static let usualLearningRate = 0.1
  public let momentum: Float
  public let nesterov: Bool

  public init(_ fields: inout Fields) throws(SettingsError) {
    nesterov = try fields.bool(
      "nesterov", default: false, "whether the momentum looks a step ahead")
    momentum = try fields.constant(
      "momentum", default: 0.9, in: 0...0.9999, "share of the last step that is made again")
  }

  public var initialMemory: [Float] { [0] }

  public func update(
    _ weights: FloatBuffer, gradients: FloatBuffer, memory: [FloatBuffer], _ step: UpdateStep
  ) {
    UpdateKernel.sgd(
      weights: weights, gradients: gradients, velocity: memory[0],
      learningRate: step.learningRate, momentum: momentum, nesterov: nesterov, decay: step.decay,
      pool: step.pool)
  }
}
