// SPDX-License-Identifier: Apache-2.0

import Engine
import Testing

extension FoldingTests {
  static let cases = FusionTests.cases + kernels + separables + sums

  /// Every kind of kernel that folds, and what stands behind it.
  private static let kernels: [Case] = [
    segmented("unequal segments", [(1, 9), (10, 3), (9, 20)]),
    segmented("unequal segments with bias", [(13, 2), (7, 14)], bias: true),
    segmented("one-channel segments of two outputs", Array(repeating: (1, 2), count: 20)),
    segmented("narrow segments with bias", Array(repeating: (4, 4), count: 5), bias: true),
    Case(testDescription: "depthwise, stride 2", channels: 20, absorbed: 0) { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3, stride: 2)
      return FusionTests.activated(spatial, "after", &graph)
    },
    Case(testDescription: "depthwise, multiplier 3", channels: 5, absorbed: 0) { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3, multiplier: 3)
      return FusionTests.activated(spatial, "after", &graph)
    },
    Case(testDescription: "dense before a batch norm", absorbed: 0) { x, graph in
      let units = graph.dense(x, "units", units: 70)
      return FusionTests.activated(units, "after", &graph)
    },
    Case(testDescription: "a ReLU without a batch norm", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 21, kernel: 3, bias: true)
      return graph.relu(mapped, "relu")
    },
    Case(testDescription: "a batch norm behind a ReLU", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 3)
      let active = graph.relu(mapped, "relu")
      return graph.batchNorm(active, "bn")
    },
    Case(testDescription: "a batch norm behind an addition", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 3)
      let sum = graph.add(mapped, x, "sum")
      return FusionTests.activated(sum, "after", &graph)
    },
  ]

  /// Depthwise convolutions in rows long enough to be made by the 1×1 convolution behind them.
  private static let separables: [Case] = [
    long("separable") { x, graph in
      let spatial = graph.depthwiseConv2D(graph.relu(x, "before"), "depthwise", kernel: 3)
      let mixed = graph.conv2D(spatial, "pointwise", filters: 24, kernel: 1, bias: true)
      return FusionTests.activated(mixed, "after", &graph)
    },
    long("separable, active between, valid") { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3, padding: .valid)
      let between = FusionTests.activated(spatial, "between", &graph)
      return graph.conv2D(between, "pointwise", filters: 70, kernel: 1)
    },
    long("separable, 5×1, a ReLU between, a sum behind") { x, graph in
      let spatial = graph.depthwiseConv2D(
        x, "depthwise", kernel: Extent(height: 5, width: 1))
      let active = graph.relu(spatial, "between")
      let mixed = graph.conv2D(active, "pointwise", filters: 20, kernel: 1)
      return graph.add(graph.batchNorm(mixed, "bn"), x, "sum")
    },
    long("separable, SiLU between, GELU behind") { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let between = graph.activation(graph.batchNorm(spatial, "bn"), "between", .silu)
      let mixed = graph.conv2D(between, "pointwise", filters: 24, kernel: 1)
      return graph.activation(mixed, "behind", .gelu)
    },
    long("separable, segmented 1×1") { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let halves = Array(repeating: Convolution.Segment(input: 10, output: 17), count: 2)
      let mixed = graph.segmentedConv2D(spatial, "pointwise", segments: halves, kernel: 1)
      return FusionTests.activated(mixed, "after", &graph)
    },
  ]

  private static func long(
    _ name: String, _ body: @escaping @Sendable (Value, inout GraphBuilder) -> Value
  ) -> Case {
    Case(testDescription: "\(name), long", channels: 20, width: 61, absorbed: 0, body: body)
  }

  /// Sums that a convolution before them adds, or may not.
  private static let sums: [Case] = [
    Case(testDescription: "a sum of two convolutions, a ReLU behind it", absorbed: 0) { x, graph in
      let first = graph.conv2D(x, "first", filters: 24, kernel: 1)
      let second = graph.conv2D(x, "second", filters: 24, kernel: 1, bias: true)
      let sum = graph.add(
        graph.batchNorm(second, "second/bn"), graph.batchNorm(first, "first/bn"), "sum")
      return graph.relu(sum, "relu")
    },
    Case(testDescription: "a sum with what is rectified", absorbed: 0) { x, graph in
      let curved = graph.activation(x, "elu", .elu)
      let active = graph.relu(curved, "relu")
      let mapped = graph.conv2D(active, "conv", filters: 16, kernel: 3, stride: 1)
      let wide = graph.conv2D(mapped, "wide", filters: 16, kernel: 1)
      return graph.add(active, wide, "sum")
    },
    Case(testDescription: "a sum with a later value", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 1)
      return graph.add(mapped, graph.activation(x, "elu", .elu), "sum")
    },
    Case(testDescription: "what is convolved and added", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 1)
      return graph.relu(graph.add(x, mapped, "sum"), "relu")
    },
    Case(testDescription: "a sum of many channels, cut into panels", absorbed: 0) { x, graph in
      let first = graph.conv2D(x, "first", filters: 150, kernel: 1)
      let second = graph.conv2D(x, "second", filters: 150, kernel: 1)
      return graph.relu(graph.add(first, second, "sum"), "relu")
    },
    Case(testDescription: "twice the same", absorbed: 0) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 1)
      return graph.add(mapped, mapped, "sum")
    },
  ]

  private static func segmented(
    _ name: String, _ widths: [(input: Int, output: Int)], bias: Bool = false
  ) -> Case {
    Case(testDescription: name, channels: widths.reduce(0) { $0 + $1.input }, absorbed: 0) {
      x, graph in
      let mapped = graph.segmentedConv2D(
        x, "conv",
        segments: widths.map { Convolution.Segment(input: $0.input, output: $0.output) },
        kernel: 3, bias: bias)
      return FusionTests.activated(mapped, "after", &graph)
    }
  }
}
