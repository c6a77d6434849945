// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import Settings
import TestSupport
import Testing

@testable import Training

/// Learning rates of their own for biases and batch norms.
@Suite struct RateFactorTests {
  private static let optimizers: [JSON] = [
    ["kind": "sgd", "learningRate": 0.1, "nesterov": true], ["kind": "rmsprop"],
    ["kind": "adamw", "learningRate": 0.01, "epsilon": 1e-3],
  ]

  private static func trained(
    _ optimizer: JSON, rate: Float, decay: Double, _ changes: [String: JSON] = [:]
  ) throws -> ParameterMemory {
    let network: JSON = ["network": "probe", "width": 6, "block": ["kind": "separable-conv"]]
    let memory = try ParameterMemory(TinyTask.graph(network))
    for parameter in memory.parameters {
      try memory.set(parameter.path, to: RealData.normal(parameter.count, parameter.path))
    }
    let settings: [String: JSON] = [
      "optimizer": optimizer, "weightDecay": .number(decay), "weightDecayOn": "all",
    ]
    let fast = try Optimizer(
      TinyTask.settings(.object(settings.merging(changes) { $1 })), parameters: memory,
      pool: ThreadPool(threads: 1))
    for step in 0..<4 {
      for (position, parameter) in memory.parameters.enumerated() where parameter.isTrainable {
        memory.gradient(position).copy(
          from: RealData.normal(parameter.count, "\(parameter.path) \(step)"))
      }
      fast.update(learningRate: rate, step: step)
    }
    return memory
  }

  /// A parameter with a factor moves as under a rate so many times as large, with a decay so many
  /// times as small; all others move as without: bit for bit, since the factors are powers of two.
  @Test(arguments: optimizers)
  func factorsAreRatesOfTheirOwn(_ optimizer: JSON) throws {
    let changes: [String: JSON] = ["biasRateFactor": 8, "scaleRateFactor": 0.5]
    let actual = try Self.trained(optimizer, rate: 0.0625, decay: 0.125, changes)
    let plain = try Self.trained(optimizer, rate: 0.0625, decay: 0.125)
    let fast = try Self.trained(optimizer, rate: 0.5, decay: 0.015625)
    let slow = try Self.trained(optimizer, rate: 0.03125, decay: 0.25)
    #expect(Set(actual.parameters.map(\.role)) == Set(Parameter.Role.allCases))
    for (position, parameter) in actual.parameters.enumerated() {
      let twin =
        switch parameter.role {
        case .bias, .offset: fast
        case .scale: slow
        default: plain
        }
      let difference = Compare.bits(
        actual.value(position).array, twin.value(position).array, parameter.path)
      #expect(difference == nil)
    }
  }

  /// One step of SGD by hand: w − factor·rate·g − rate·λ·w.
  @Test func decayTakesWhatItTookBefore() throws {
    let memory = try ParameterMemory(TinyTask.graph())
    let position = try #require(memory.position(of: "bn/offset"))
    memory.value(position).fill(2)
    memory.gradient(position).fill(1)
    let settings = try TinyTask.settings([
      "optimizer": ["kind": "sgd", "momentum": 0], "weightDecay": 0.5, "weightDecayOn": "all",
      "biasRateFactor": 64,
    ])
    try Optimizer(settings, parameters: memory, pool: ThreadPool(threads: 1))
      .update(learningRate: 0.01, step: 0)
    // 2 − 0.64·1 − 0.01·0.5·2.
    #expect(abs(memory.value(position)[0] - 1.35) < 1e-6)
  }
}
