// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Kernels
import ModelZoo
import Settings
import TestSupport
import Testing
import Training

/// Ten steps of a small Xception against Keras, whose numbers Tests/Golden/keras-trajectory.py wrote.
@Suite struct KerasTrajectoryTests {
  private struct Golden: Decodable {
    var trainableParameters: Int
    var losses: [Double]
    var evaluationLoss: Double
  }

  private static let batch = 32
  private static let classes = 10

  @Test func tenStepsOfASmallXceptionAreThoseOfKeras() throws {
    let golden = try Self.golden()
    let network: JSON = ["network": "xception", "small": true, "widthMultiplier": 0.25]
    let graph = try NetworkDescription(network, source: "test").graph(
      input: Shape(height: 32, width: 32, channels: 3), classes: Self.classes)
    #expect(graph.cost.trainableParameters == golden.trainableParameters)
    let memory = try ParameterMemory(graph)
    for parameter in graph.parameters {
      try memory.set(parameter.path, to: FormulaWeights.values(of: parameter))
    }
    let pool = ThreadPool(threads: 2)
    let executor = try Executor(
      graph, mode: .training(.softmaxCrossEntropy(labelSmoothing: 0)), batch: Self.batch,
      parameters: memory, pool: pool)
    let settings = try TinyTask.settings([
      "optimizer": ["kind": "sgd", "learningRate": 0.05, "momentum": 0.9]
    ])
    let optimizer = try Optimizer(settings, parameters: memory, pool: pool)
    #expect(golden.losses.count == 10)
    for (step, expected) in golden.losses.enumerated() {
      let loss = Self.loss(executor, step: step)
      #expect(abs(loss - expected) <= 1e-4 * expected, "step \(step): \(loss), Keras \(expected)")
      optimizer.update(learningRate: 0.05, step: step)
    }
    let evaluator = try Executor(
      graph, mode: .inference(.softmaxCrossEntropy(labelSmoothing: 0)), batch: Self.batch,
      parameters: memory, pool: pool)
    let loss = Self.loss(evaluator, step: 0)
    let expected = golden.evaluationLoss
    #expect(abs(loss - expected) <= 1e-4 * expected, "evaluation: \(loss), Keras \(expected)")
  }

  /// The mean loss of one step on one of three batches.
  private static func loss(_ executor: Executor, step: Int) -> Double {
    let number = step % 3
    executor.load(
      images: FormulaWeights.signed("images/\(number)", batch * 32 * 32 * 3, limit: 1))
    executor.load(labels: (0..<batch).map { (7 * $0 + 3 * number) % classes })
    executor.run(step: step)
    return executor.losses.reduce(0) { $0 + Double($1) } / Double(batch)
  }

  private static func golden() throws -> Golden {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/keras-trajectory.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
  }
}

/// Weights that follow from the parameters' paths by integer arithmetic, so that Python can make the
/// same ones and no file has to hold them.
enum FormulaWeights {
  static func values(of parameter: Parameter) -> [Float] {
    let count = parameter.count
    switch parameter.role {
    case .kernel, .depthwiseKernel:
      let incoming = parameter.fans.first?.incoming ?? 1
      // The smallest e with 4^e ≥ incoming.
      let exponent = (0...32).first { 1 << (2 * $0) >= incoming } ?? 0
      return signed(parameter.path, count, limit: 1 / Float(1 << exponent))
    case .scale: return signed(parameter.path, count, limit: 0.0625).map { 0.25 + $0 }
    case .offset, .bias: return signed(parameter.path, count, limit: 0.25)
    case .runningMean: return Array(repeating: 0, count: count)
    case .runningVariance: return Array(repeating: 1, count: count)
    }
  }

  /// Uniform in ±limit: splitmix64 behind a salt of the name, the upper 24 bits.
  static func signed(_ name: String, _ count: Int, limit: Float) -> [Float] {
    let salt = RealData.salt(name)
    return (1...UInt64(count)).map { index in
      var z = salt &+ index &* 0x9E37_79B9_7F4A_7C15
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return (2 * (Float(z >> 40) * 0x1p-24) - 1) * limit
    }
  }
}
