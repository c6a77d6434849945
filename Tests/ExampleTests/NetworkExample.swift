// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Testing

/// Engine and ModelZoo: a network of the paper, what it costs, and one of one's own.
@Suite struct NetworkExample {
  @Test func costsOfAPublishedNetwork() throws {
    let xception = try NetworkDescription("xception", source: "example")
    let graph = try xception.graph(input: xception.usualInput, classes: xception.usualClasses)
    // The paper's Table 3.
    #expect(graph.cost.trainableParameters == 22_855_952)
    #expect(graph.layers.first?.name == "input")
  }

  @Test func networkOfBlocks() throws {
    let network = try NetworkDescription(
      [
        "network": "stack", "width": 16,
        "block": ["kind": "segmented-inception", "segments": 4],
      ], source: "example")
    let graph = try network.graph(
      input: Shape(height: 32, width: 32, channels: 3), classes: 10)
    #expect(graph.outputShape.channels == 10)
    #expect(network.segments == 4)
  }

  /// Layers put together by hand, and run on one image.
  @Test func graphOfOnesOwn() throws {
    var layers = GraphBuilder("own", input: Shape(height: 8, width: 8, channels: 3))
    var x = layers.conv2D(layers.input, "conv", filters: 16, kernel: 3)
    x = layers.batchNorm(x, "norm")
    x = layers.activation(x, "activation", .relu)
    x = layers.globalAveragePool(x, "pool")
    x = layers.dense(x, "classes", units: 4)
    let graph = try layers.finish(x)

    let weights = try ParameterMemory(graph)
    weights.initialize(seed: 1, kernels: .glorotUniform)
    let executor = try Executor(
      graph, mode: .inference(nil), batch: 1, parameters: weights, pool: .init(threads: 2))
    executor.load(images: [Float](repeating: 0.5, count: 8 * 8 * 3))
    executor.run()
    #expect(executor.logits.count == 4)
    #expect(executor.logits.allSatisfy { $0.isFinite })
  }
}
