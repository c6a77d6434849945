// SPDX-License-Identifier: Apache-2.0

import Engine
import Testing

@testable import Weights

@Suite struct KerasLayersTests {
  private func layers(
    input: Shape = Shape(height: 9, width: 7, channels: 4),
    _ body: (inout GraphBuilder) -> Value
  ) throws -> [KerasLayer] {
    var graph = GraphBuilder("net", input: input)
    let features = body(&graph)
    return try KerasLayers(try graph.finishedWithHead(features, classes: 3)).layers
  }

  @Test func depthwiseReadByAPointwiseAloneIsOneLayer() throws {
    let fused = try layers { graph in
      let spatial = graph.depthwiseConv2D(graph.input, "depthwise", kernel: 3, multiplier: 2)
      return graph.conv2D(spatial, "pointwise", filters: 5, kernel: 1, bias: true)
    }
    #expect(fused.map(\.kind) == [.separableConv2D, .dense])
    #expect(fused[0].weights.map(\.role) == [.depthwiseKernel, .pointwiseKernel, .bias])
    #expect(fused[0].weights.map(\.shape) == [[3, 3, 4, 2], [1, 1, 8, 5], [5]])
    #expect(fused.map(\.name) == ["separable_conv2d", "dense"])
  }

  @Test func whatStandsBetweenKeepsThemApart() throws {
    let active = try layers { graph in
      let spatial = graph.depthwiseConv2D(graph.input, "depthwise", kernel: 3)
      let between = graph.activation(spatial, "between", .elu)
      return graph.conv2D(between, "pointwise", filters: 5, kernel: 1)
    }
    #expect(active.map(\.kind) == [.depthwiseConv2D, .conv2D, .dense])
    let shared = try layers { graph in
      let spatial = graph.depthwiseConv2D(graph.input, "depthwise", kernel: 3)
      let mixed = graph.conv2D(spatial, "pointwise", filters: 4, kernel: 1)
      return graph.add(mixed, spatial, "sum")
    }
    #expect(shared.map(\.kind) == [.depthwiseConv2D, .conv2D, .dense])
    for (kernel, stride) in [(3, 1), (1, 2)] {
      let wide = try layers { graph in
        let spatial = graph.depthwiseConv2D(graph.input, "depthwise", kernel: 3)
        return graph.conv2D(
          spatial, "conv", filters: 5, kernel: Extent(kernel), stride: stride)
      }
      #expect(wide.map(\.kind) == [.depthwiseConv2D, .conv2D, .dense])
    }
  }

  @Test func batchNormHasItsArraysInKerasOrder() throws {
    let layers = try layers { graph in
      let first = graph.batchNorm(graph.input, "first")
      return graph.batchNorm(first, "second", scale: false)
    }
    #expect(layers[0].weights.map(\.role) == [.gamma, .beta, .movingMean, .movingVariance])
    #expect(layers[1].weights.map(\.role) == [.beta, .movingMean, .movingVariance])
    #expect(layers.map(\.key) == ["batch_normalization", "batch_normalization_1", "dense"])
  }

  /// A shortcut's convolution comes when its depth does, but is numbered when it was made.
  @Test func orderGoesByDepthAndNamesByCreation() throws {
    let layers = try layers { graph in
      let shortcut = graph.conv2D(graph.input, "shortcut", filters: 6, kernel: 1)
      let first = graph.conv2D(graph.input, "first", filters: 5, kernel: 3)
      let second = graph.conv2D(first, "second", filters: 6, kernel: 3)
      return graph.add(second, shortcut, "sum")
    }
    #expect(layers.map(\.name) == ["conv2d_1", "conv2d_2", "conv2d", "dense"])
    #expect(layers.map(\.key) == ["conv2d", "conv2d_1", "conv2d_2", "dense"])
    let swapped = try self.layers { graph in
      let shortcut = graph.conv2D(graph.input, "shortcut", filters: 6, kernel: 1)
      let first = graph.conv2D(graph.input, "first", filters: 5, kernel: 3)
      let second = graph.conv2D(first, "second", filters: 6, kernel: 3)
      return graph.add(shortcut, second, "sum")
    }
    #expect(swapped.map(\.name) == ["conv2d_1", "conv2d", "conv2d_2", "dense"])
  }

  /// With a bias, Keras puts the ReLU into the layer: one step of depth and not two.
  @Test func activationOfABiasedLayerIsPartOfIt() throws {
    func order(bias: Bool) throws -> [String] {
      try layers { graph in
        let conv = graph.conv2D(graph.input, "conv", filters: 4, kernel: 3, bias: bias)
        let active = graph.relu(conv, "relu")
        let other = graph.batchNorm(graph.input, "bn")
        return graph.add(active, other, "sum")
      }.map(\.name)
    }
    #expect(try order(bias: true) == ["conv2d", "batch_normalization", "dense"])
    #expect(try order(bias: false) == ["conv2d", "batch_normalization", "dense"])
    let late = try layers { graph in
      let other = graph.batchNorm(graph.input, "bn")
      let normalized = graph.batchNorm(other, "bn2")
      let conv = graph.conv2D(graph.input, "conv", filters: 4, kernel: 3, bias: true)
      return graph.add(graph.relu(conv, "relu"), normalized, "sum")
    }
    #expect(
      late.map(\.name).prefix(3) == ["batch_normalization", "conv2d", "batch_normalization_1"])
  }

  @Test func whatKerasHasNoLayerForIsNamed() throws {
    let segmented = #expect(throws: WeightError.self) {
      try layers { graph in
        graph.segmentedConv2D(
          graph.input, "parts",
          segments: [.init(input: 3, output: 3), .init(input: 1, output: 3)], kernel: 3)
      }
    }
    #expect(
      segmented?.description
        == "net: parts: Keras has no layer for a convolution over segments that differ (3 → 3, "
        + "1 → 3); its groups are equally wide")
    let sliced = #expect(throws: WeightError.self) {
      try layers { graph in graph.slice(graph.input, "half", channels: 0..<2) }
    }
    #expect(sliced?.description == "net: half: Keras has no layer for a slice of channels")
  }

  @Test(arguments: [
    ("conv1/kernel:0", KerasRole.kernel), ("convolution2d_1_W:0", .kernel), ("dense_1_b:0", .bias),
    ("x/x/depthwise_kernel:0", .depthwiseKernel), ("x_pointwise_kernel:0", .pointwiseKernel),
    ("bn_running_std:0", .movingVariance), ("bn/moving_mean", .movingMean), ("gamma", .gamma),
    ("bn_beta:0", .beta), ("0", nil), ("", nil), ("b", .bias), ("Web", nil),
  ])
  func roleIsReadFromTheEndOfAName(name: String, role: KerasRole?) {
    #expect(KerasRole(inName: name) == role)
  }
}
