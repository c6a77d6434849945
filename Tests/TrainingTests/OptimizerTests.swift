// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import Settings
import TestSupport
import Testing
import Training

/// Updates against their twins, numbers worked out by hand, and the rule of weight decay.
@Suite struct OptimizerTests {
  private static let optimizers: [JSON] = [
    ["kind": "sgd", "learningRate": 0.1, "momentum": 0],
    ["kind": "sgd", "learningRate": 0.1, "momentum": 0.9],
    ["kind": "sgd", "learningRate": 0.1, "momentum": 0.9, "nesterov": true],
    ["kind": "rmsprop", "learningRate": 0.01, "rho": 0.9, "momentum": 0.9, "epsilon": 0.5],
    [
      "kind": "rmsprop", "learningRate": 0.01, "rho": 0.8, "momentum": 0, "epsilon": 1e-3,
      "initialMeanSquare": 0,
    ],
    ["kind": "adamw", "learningRate": 0.01, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-3],
  ]

  /// A kernel, a depthwise kernel, batch norm's four tensors, a dense layer with its bias.
  private static func memory() throws -> ParameterMemory {
    let network: JSON = ["network": "probe", "width": 6, "block": ["kind": "separable-conv"]]
    let memory = try ParameterMemory(TinyTask.graph(network))
    for parameter in memory.parameters {
      try memory.set(parameter.path, to: RealData.normal(parameter.count, parameter.path))
    }
    return memory
  }

  private static func decays(_ role: Parameter.Role, _ rule: String) -> Bool {
    switch role {
    case .runningMean, .runningVariance: false
    case .kernel: true
    case .depthwiseKernel: rule != "kernels-but-depthwise"
    case .bias, .scale, .offset: rule == "all"
    }
  }

  @Test(arguments: optimizers, ["kernels", "kernels-but-depthwise", "all"])
  func updatesEqualTheTwins(_ optimizer: JSON, _ rule: String) throws {
    let settings = try TinyTask.settings([
      "optimizer": optimizer, "weightDecay": 0.01, "weightDecayOn": .string(rule),
    ])
    let memory = try Self.memory()
    let fast = try Optimizer(settings, parameters: memory, pool: ThreadPool(threads: 1))
    var twins = memory.parameters.indices.map { Twin(memory.value($0).array) }
    for step in 0..<5 {
      let rate = settings.optimizer.learningRate / Double(step + 1)
      for (position, parameter) in memory.parameters.enumerated() where parameter.isTrainable {
        let gradient: [Float] = RealData.normal(parameter.count, "\(parameter.path) \(step)")
        memory.gradient(position).copy(from: gradient)
        twins[position].update(
          settings.optimizer.rule, gradient, rate: rate,
          decay: Self.decays(parameter.role, rule) ? settings.weightDecay : 0, step: step)
      }
      fast.update(learningRate: Float(rate), step: step)
    }
    for (position, parameter) in memory.parameters.enumerated() {
      let difference = Compare.close(
        memory.value(position).array, twins[position].weights, tolerance: 2e-6, parameter.path)
      #expect(difference == nil)
    }
  }

  /// One parameter with its optimiser's memories, in Double.
  private struct Twin {
    var weights: [Double]
    var first: [Double]
    var second: [Double]

    init(_ weights: [Float]) {
      self.weights = weights.map { Double($0) }
      first = weights.map { _ in 0 }
      second = first
    }

    mutating func update(
      _ rule: any UpdateRule, _ gradient: [Float], rate: Double, decay: Double, step: Int
    ) {
      let gradients = gradient.map { Double($0) }
      switch rule {
      case let rule as SGD:
        Reference.sgd(
          weights: &weights, gradients: gradients, velocity: &first, learningRate: rate,
          momentum: Double(rule.momentum), nesterov: rule.nesterov, decay: decay)
      case let rule as RMSProp:
        if step == 0 { first = first.map { _ in Double(rule.initialMeanSquare) } }
        Reference.rmsprop(
          weights: &weights, gradients: gradients, meanSquare: &first, velocity: &second,
          learningRate: rate, rho: Double(rule.rho), momentum: Double(rule.momentum),
          epsilon: Double(rule.epsilon), decay: decay)
      case let rule as AdamW:
        Reference.adamW(
          weights: &weights, gradients: gradients, firstMoment: &first, secondMoment: &second,
          learningRate: rate, beta1: Double(rule.beta1), beta2: Double(rule.beta2),
          epsilon: Double(rule.epsilon), decay: decay, step: step + 1)
      default: Issue.record("there is no twin of this rule")
      }
    }
  }

  // MARK: By hand

  /// A weight of 1 under gradients of 0.5, twice, at a rate of 0.1.
  private static let byHand: [(optimizer: JSON, decay: JSON, weights: [Float])] = [
    // v = −0.05, w = 0.95; v = 0.9·−0.05 − 0.05 = −0.095, w = 0.855.
    (["kind": "sgd", "momentum": 0.9], 0, [0.95, 0.855]),
    // v = −0.05, w = 1 − 0.045 − 0.05 = 0.905; v = −0.095, w = 0.905 − 0.0855 − 0.05 = 0.7695.
    (["kind": "sgd", "momentum": 0.9, "nesterov": true], 0, [0.905, 0.7695]),
    // g = 0.5 + 0.2·1 = 0.7, w = 0.93; g = 0.5 + 0.2·0.93 = 0.686, w = 0.8614.
    (["kind": "sgd", "momentum": 0], 0.2, [0.93, 0.8614]),
    // From Keras' zero: m = 0.1·0.25 = 0.025, w = 1 − 0.05/√0.225; m = 0.0475, w −= 0.05/√0.2475.
    (
      ["kind": "rmsprop", "momentum": 0, "rho": 0.9, "epsilon": 0.2, "initialMeanSquare": 0], 0,
      [0.894_590_7, 0.794_086_9]
    ),
    // From TensorFlow's one, the default: m = 0.9 + 0.025 = 0.925, w = 1 − 0.05/√1.125;
    // m = 0.8575, w −= 0.05/√1.0575.
    (
      ["kind": "rmsprop", "momentum": 0, "rho": 0.9, "epsilon": 0.2], 0, [0.952_859_5, 0.904_237_9]
    ),
    // Corrected moments are g and g² at every step: w −= 0.1·(0.5/(0.5 + 0.5) + 0.2·w).
    (["kind": "adamw", "epsilon": 0.5], 0.2, [0.93, 0.8614]),
  ]

  @Test(arguments: byHand)
  func updatesAreWhatHandsSay(_ optimizer: JSON, _ decay: JSON, _ expected: [Float]) throws {
    let settings = try TinyTask.settings([
      "optimizer": optimizer.setting("learningRate", to: 0.1), "weightDecay": decay,
      "weightDecayOn": "all",
    ])
    let memory = try Self.memory()
    let position = try #require(memory.position(of: "dense/bias"))
    memory.value(position).fill(1)
    let fast = try Optimizer(settings, parameters: memory, pool: ThreadPool(threads: 1))
    var weights: [Float] = []
    for step in 0..<2 {
      memory.gradient(position).fill(0.5)
      fast.update(learningRate: 0.1, step: step)
      weights.append(memory.value(position)[0])
    }
    #expect(Compare.close(weights, expected, tolerance: 1e-6) == nil)
  }

  // MARK: Weight decay

  /// Without gradients, what moves is what decays.
  @Test(arguments: ["kernels", "kernels-but-depthwise", "all"], optimizers)
  func decayTouchesWhatTheRuleSays(_ rule: String, _ optimizer: JSON) throws {
    let settings = try TinyTask.settings([
      "optimizer": optimizer, "weightDecay": 0.1, "weightDecayOn": .string(rule),
    ])
    let memory = try Self.memory()
    let before = memory.parameters.indices.map { memory.value($0).array }
    for position in memory.parameters.indices { memory.gradient(position).fill(0) }
    let fast = try Optimizer(settings, parameters: memory, pool: ThreadPool(threads: 1))
    fast.update(learningRate: 0.1, step: 0)
    let roles = Set(memory.parameters.map(\.role))
    #expect(roles == Set(Parameter.Role.allCases))
    for (position, parameter) in memory.parameters.enumerated() {
      let moved = memory.value(position).array != before[position]
      #expect(moved == Self.decays(parameter.role, rule), "\(parameter.path)")
    }
  }

  /// Keras' rule: the penalty ½·λ·w² has the gradient λ·w, so one step of SGD takes rate·λ·w.
  @Test func decayIsLambdaTimesTheWeight() throws {
    let settings = try TinyTask.settings([
      "optimizer": ["kind": "sgd", "momentum": 0], "weightDecay": 0.25,
    ])
    let memory = try Self.memory()
    let before = try #require(memory["dense/kernel"])
    for position in memory.parameters.indices { memory.gradient(position).fill(0) }
    let fast = try Optimizer(settings, parameters: memory, pool: ThreadPool(threads: 1))
    fast.update(learningRate: 0.5, step: 0)
    let after = try #require(memory["dense/kernel"])
    #expect(Compare.close(after, before.map { $0 * 0.875 }, tolerance: 1e-6) == nil)
  }

  // MARK: Averaging

  @Test func averagingWarmsUp() throws {
    let memory = try Self.memory()
    let position = try #require(memory.position(of: "dense/bias"))
    memory.value(position).fill(8)
    let average = try WeightAverage(of: memory, decay: 0.2)
    #expect(Compare.bits(average.memory.buffer.array, memory.all.array) == nil)
    // Decays 1/10, 2/11, then 0.2, which 3/12 exceeds.
    var expected = 8.0
    for (step, (weight, decay)) in [(Float(1), 0.1), (5, 2.0 / 11), (3, 0.2), (0, 0.2)].enumerated()
    {
      memory.value(position).fill(weight)
      average.add(memory, step: step, pool: ThreadPool(threads: 1))
      expected = decay * expected + (1 - decay) * Double(weight)
      let start = try #require(memory.trainableRange(position)).lowerBound
      let actual = average.memory.buffer[start]
      #expect(Compare.close([actual], [expected], tolerance: 1e-6) == nil, "step \(step)")
    }
  }
}
