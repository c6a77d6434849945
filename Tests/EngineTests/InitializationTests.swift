// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// First values: their ranges, and streams that depend on the seed and the path alone.
@Suite struct InitializationTests {
  private static func graph() throws(GraphError) -> Graph {
    var graph = GraphBuilder("test", input: Shape(height: 6, width: 6, channels: 16))
    let regular = graph.conv2D(graph.input, "conv", filters: 24, kernel: 3, bias: true)
    let segments = Array(repeating: Convolution.Segment(input: 6, output: 12), count: 4)
    let segmented = graph.segmentedConv2D(regular, "segmented", segments: segments, kernel: 3)
    let spatial = graph.depthwiseConv2D(segmented, "depthwise", kernel: 5, multiplier: 2)
    let normalized = graph.batchNorm(spatial, "bn")
    let mean = graph.globalAveragePool(normalized, "mean")
    let logits = graph.dense(mean, "dense", units: 10)
    return try graph.finish(logits)
  }

  private static func memory(
    _ initializer: KernelInitializer, seed: UInt64 = 3
  ) throws -> ParameterMemory {
    let memory = try ParameterMemory(graph())
    memory.initialize(seed: seed, kernels: initializer)
    return memory
  }

  /// Path, connections in, connections out.
  private static let fans: [(path: String, incoming: Float, outgoing: Float)] = [
    ("conv/kernel", 144, 216), ("segmented/kernel", 54, 108), ("depthwise/kernel", 25, 50),
    ("dense/kernel", 96, 10),
  ]

  @Test(arguments: fans)
  func glorotFillsItsRange(_ path: String, _ incoming: Float, _ outgoing: Float) throws {
    let values = try #require(try Self.memory(.glorotUniform)[path])
    let limit = (6 / (incoming + outgoing)).squareRoot()
    let largest = values.reduce(0) { max($0, abs($1)) }
    #expect(largest <= limit)
    #expect(largest > 0.98 * limit)
    let mean = values.reduce(0, +) / Float(values.count)
    #expect(abs(mean) < 0.1 * limit)
  }

  /// A variance read as a deviation would be seen here.
  @Test(arguments: fans)
  func heHasItsDeviation(_ path: String, _ incoming: Float, _ outgoing: Float) throws {
    let values = try #require(try Self.memory(.heNormal)[path])
    let variance = values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
    let deviation = variance.squareRoot()
    #expect(abs(deviation / (2 / incoming).squareRoot() - 1) < 0.1)
  }

  @Test func everythingElseBeginsAtZeroOrOne() throws {
    let memory = try Self.memory(.glorotUniform)
    for (path, value) in [
      ("conv/bias", 0), ("bn/scale", 1), ("bn/offset", 0), ("bn/running-mean", 0),
      ("bn/running-variance", 1), ("dense/bias", 0),
    ] as [(String, Float)] {
      let values = try #require(memory[path])
      #expect(!values.isEmpty)
      #expect(values.allSatisfy { $0 == value }, "\(path)")
    }
  }

  @Test func seedsAndPathsDecide() throws {
    let memory = try Self.memory(.glorotUniform)
    let same = try Self.memory(.glorotUniform)
    let other = try Self.memory(.glorotUniform, seed: 4)
    #expect(memory.all.array == same.all.array)
    #expect(memory["conv/kernel"] != other["conv/kernel"])
  }

  /// The repeated initialisation of a public port of Xception, in small.
  @Test func equalLayersInARowBeginDifferently() throws {
    var graph = GraphBuilder("test", input: Shape(height: 3, width: 3, channels: 8))
    var trunk = graph.input
    for index in 1...8 { trunk = graph.conv2D(trunk, "conv\(index)", filters: 8, kernel: 3) }
    let memory = try ParameterMemory(graph.finish(trunk))
    for initializer in KernelInitializer.allCases {
      memory.initialize(seed: 0, kernels: initializer)
      #expect(memory.parameters.count == 8)
      #expect(InitializationCheck.repeated(memory) == [])
    }
  }

  @Test func parametersAreSetByPathAndCount() throws {
    let memory = try Self.memory(.glorotUniform)
    let bias = (0..<24).map { Float($0) }
    try memory.set("conv/bias", to: bias)
    #expect(memory["conv/bias"] == bias)
    #expect(memory["conv/offset"] == nil)
    #expect(throws: GraphError(op: "conv/offset", rule: "the network has no such parameter")) {
      try memory.set("conv/offset", to: bias)
    }
    #expect(throws: GraphError(op: "conv/bias", rule: "has 24 numbers [24], not 2")) {
      try memory.set("conv/bias", to: [1, 2])
    }
  }

  /// Parameters must not share memory, and those that learn must stand first.
  @Test func parametersStandApart() throws {
    let memory = try Self.memory(.glorotUniform)
    let ranges = memory.parameters.indices.compactMap(memory.trainableRange)
      .sorted { $0.lowerBound < $1.lowerBound }
    #expect(ranges.count == memory.parameters.count(where: \.isTrainable))
    #expect((ranges.last?.upperBound ?? 0) <= memory.trainableLength)
    for (first, second) in zip(ranges, ranges.dropFirst()) {
      #expect(first.upperBound <= second.lowerBound)
      #expect(second.lowerBound.isMultiple(of: 16))
    }
  }
}
