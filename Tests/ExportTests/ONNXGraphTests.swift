// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Testing

@testable import Export

/// The walk from ops to nodes, looked at without any library of ONNX'.
@Suite struct ONNXGraphTests {
  private func nodes(_ graph: Graph, _ op: String) throws -> [ONNXGraph.Node] {
    try ONNXGraph(graph).nodes.filter { $0.op == op }
  }

  /// Every network of the zoo, and a stack of every block with everything that may stand between.
  static let descriptions: [JSON] =
    NetworkZoo.all.map { .string($0.key) }
    + BlockZoo.all.map { ["network": "stack", "width": 8, "block": ["kind": .string($0.key)]] }
    + Between.allCases.map {
      [
        "network": "stack", "width": 8,
        "block": [
          "kind": "segmented-inception", "segments": 3, "unequal": true,
          "between": .string($0.rawValue),
        ],
      ]
    }

  @Test(arguments: descriptions)
  func everyValueIsMadeBeforeItIsReadAndOnce(description: JSON) throws {
    let network = try NetworkDescription(description, source: "test")
    let graph = try network.graph(input: network.usualInput, classes: 11)
    let onnx = try ONNXGraph(graph)
    var known: Set<String> = [ONNXGraph.images]
    for tensor in onnx.tensors { #expect(known.insert(tensor.name).inserted, "\(tensor.name)") }
    for node in onnx.nodes {
      for input in node.inputs { #expect(known.contains(input), "\(node.name) reads \(input)") }
      #expect(known.insert(node.output).inserted, "\(node.output)")
    }
    #expect(known.contains(ONNXGraph.logits) && known.contains(ONNXGraph.probabilities))
    #expect(Set(onnx.nodes.map(\.name)).count == onnx.nodes.count)
    let read = Set(onnx.nodes.flatMap(\.inputs))
    for tensor in onnx.tensors { #expect(read.contains(tensor.name), "\(tensor.name)") }
    var counts = graph.parameters.map { _ in 0 }
    for tensor in onnx.tensors {
      let count = tensor.shape.reduce(1, *)
      switch tensor.values {
      case .parameter(let position): counts[position] += count
      case .kernels(let position, let kernels):
        #expect(kernels.reduce(0) { $0 + $1.count } == count, "\(tensor.name)")
        counts[position] += count
      case .floats(let values): #expect(values.count == count, "\(tensor.name)")
      case .integers(let values): #expect(values.count == count, "\(tensor.name)")
      }
    }
    #expect(counts == graph.parameters.map(\.count))
  }

  @Test func kernelsAreTurnedFromHWIOToOIHW() throws {
    let kernel = ONNXKernel(start: 5, area: 6, input: 3, output: 2)
    let values = (0..<50).map(Float.init)
    let turned = kernel.turned(values)
    #expect(turned.count == 36)
    for (tap, channel, filter) in [(0, 0, 0), (5, 2, 1), (3, 1, 0), (1, 0, 1)] {
      let here = Float(5 + (tap * 3 + channel) * 2 + filter)
      #expect(turned[(filter * 3 + channel) * 6 + tap] == here)
    }
  }

  @Test func equalSegmentsAreGroups() throws {
    let graph = try Samples.graph { graph in
      graph.segmentedConv2D(
        graph.input, "conv", segments: Array(repeating: .init(input: 2, output: 3), count: 2),
        kernel: Extent(height: 3, width: 1), stride: 2)
    }
    let onnx = try ONNXGraph(graph)
    let conv = try #require(onnx.nodes.first { $0.op == "Conv" })
    #expect(conv.attributes["group"] == .integer(2))
    // 7 rows in steps of 2 are 4, which see rows −1…7: one before, one behind; 5 columns see no more.
    #expect(conv.attributes["pads"] == .integers([1, 0, 1, 0]))
    #expect(conv.attributes["strides"] == .integers([2, 2]))
    #expect(onnx.tensors[0].shape == [6, 2, 3, 1])
    #expect(
      onnx.tensors[0].values
        == .kernels(
          parameter: 0,
          [
            ONNXKernel(start: 0, area: 3, input: 2, output: 3),
            ONNXKernel(start: 18, area: 3, input: 2, output: 3),
          ]))
  }

  @Test func unequalSegmentsAreCutOutAndPutTogether() throws {
    let graph = try Samples.graph { graph in
      graph.segmentedConv2D(
        graph.input, "conv",
        segments: [.init(input: 3, output: 1), .init(input: 1, output: 4)], kernel: 3)
    }
    let onnx = try ONNXGraph(graph)
    #expect(
      onnx.nodes.map(\.op).prefix(6) == [
        "Transpose", "Slice", "Conv", "Slice", "Conv", "Concat",
      ])
    let ends = onnx.tensors.filter { $0.name.hasSuffix("/start") || $0.name.hasSuffix("/end") }
    #expect(ends.map(\.values) == [0, 3, 3, 4].map { .integers([$0]) })
    #expect(onnx.nodes[5].inputs == ["conv/segment1", "conv/segment2"])
    let kernels = onnx.tensors.filter { $0.shape.count == 4 }
    #expect(kernels.map(\.shape) == [[1, 3, 3, 3], [4, 1, 3, 3]])
  }

  @Test func depthwiseConvolutionsAreGroupsOfOneChannel() throws {
    let graph = try Samples.graph { graph in
      graph.depthwiseConv2D(graph.input, "spatial", kernel: 3, multiplier: 2, padding: .valid)
    }
    let onnx = try ONNXGraph(graph)
    let conv = try #require(onnx.nodes.first { $0.op == "Conv" })
    #expect(conv.attributes["group"] == .integer(4))
    #expect(conv.attributes["pads"] == .integers([0, 0, 0, 0]))
    #expect(onnx.tensors[0].shape == [8, 1, 3, 3])
  }

  @Test func paddingIsLeftOutOfAveragesAndDropoutOutOfAll() throws {
    let graph = try Samples.graph { graph in
      let mean = graph.averagePool(graph.input, "mean", window: 2, stride: 1)
      let dropped = graph.dropout(mean, "dropout", rate: 0.5)
      return graph.maxPool(dropped, "most", window: 3, stride: 2, padding: .symmetric)
    }
    let mean = try #require(try nodes(graph, "AveragePool").first)
    #expect(mean.attributes["count_include_pad"] == .integer(0))
    // The odd pixel of an even window goes behind.
    #expect(mean.attributes["pads"] == .integers([0, 0, 1, 1]))
    let most = try #require(try nodes(graph, "MaxPool").first)
    #expect(most.inputs == ["mean"] && most.attributes["pads"] == .integers([1, 1, 1, 1]))
    #expect(try nodes(graph, "Dropout").isEmpty)
  }

  /// A dense layer on a plane reads it row by row, the channels of a pixel together, as here.
  @Test func planesAreTakenApartInOurOrder() throws {
    var builder = GraphBuilder("net", input: Shape(height: 2, width: 3, channels: 4))
    let logits = builder.dense(builder.input, "head", units: 3)
    let onnx = try ONNXGraph(try builder.finish(logits))
    #expect(onnx.nodes.map(\.op) == ["Transpose", "Transpose", "Flatten", "Gemm", "Softmax"])
    #expect(onnx.nodes[0].attributes["perm"] == .integers([0, 3, 1, 2]))
    #expect(onnx.nodes[1].attributes["perm"] == .integers([0, 2, 3, 1]))
    #expect(onnx.nodes[3].output == ONNXGraph.logits)
  }

  @Test func batchNormsKeepTheirConstants() throws {
    var builder = GraphBuilder(
      "net", input: Shape(height: 2, width: 3, channels: 2), batchNormEpsilon: 0.25)
    let normalized = builder.batchNorm(builder.input, "bn", scale: false)
    let logits = builder.dense(normalized, "head", units: 3)
    let onnx = try ONNXGraph(try builder.finish(logits))
    let node = try #require(onnx.nodes.first { $0.op == "BatchNormalization" })
    #expect(node.attributes["epsilon"] == .number(0.25))
    #expect(
      node.inputs == ["input", "bn/scale", "bn/offset", "bn/running-mean", "bn/running-variance"])
    #expect(onnx.tensors[0].values == .floats([1, 1]))
  }
}
