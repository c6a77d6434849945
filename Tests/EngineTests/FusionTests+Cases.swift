// SPDX-License-Identifier: Apache-2.0

import Engine
import Testing

extension FusionTests {
  /// Every place where a batch norm or a ReLU can stand before and behind an op that fuses.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var channels = 16
    var width = 9
    /// How many batch norms and ReLUs are absorbed.
    var absorbed: Int
    var body: @Sendable (Value, inout GraphBuilder) -> Value

    var graph: Graph {
      get throws {
        var graph = GraphBuilder(
          "case", input: Shape(height: 7, width: width, channels: channels))
        let stem = graph.conv2D(graph.input, "stem", filters: channels, kernel: 1)
        let result = body(stem, &graph)
        let mean = graph.globalAveragePool(result, "mean")
        let logits = graph.dense(mean, "dense", units: 3)
        return try graph.finish(logits)
      }
    }
  }

  static func activated(_ x: Value, _ name: String, _ graph: inout GraphBuilder) -> Value {
    let normalized = graph.batchNorm(x, "\(name)/bn")
    return graph.relu(normalized, "\(name)/relu")
  }

  static let cases: [Case] =
    convolutions + wide + separables + residuals + joins + activations

  private static let convolutions: [Case] = {
    var cases: [Case] = []
    for kernel in [Extent(1), 3, Extent(height: 1, width: 5)] {
      for stride in 1...2 {
        for segments in [1, 2, 4, 8, 16] where segments < 8 || kernel != 1 {
          for channels in [16, 40] where channels % segments == 0 {
            cases.append(convolution(kernel, stride, segments, channels))
          }
        }
      }
    }
    return cases
  }()

  /// Wide enough for Winograd's algorithm.
  private static let wide: [Case] = [
    convolution(3, 1, 1, 32), convolution(3, 1, 2, 64), convolution(3, 1, 1, 40),
    Case(testDescription: "wide with bias, residual", channels: 32, absorbed: 5) { x, graph in
      let active = activated(x, "before", &graph)
      let first = graph.conv2D(active, "first", filters: 64, kernel: 3, bias: true)
      let between = activated(first, "between", &graph)
      let second = graph.conv2D(between, "second", filters: 32, kernel: 3)
      let normalized = graph.batchNorm(second, "bn")
      return graph.add(normalized, x, "sum")
    },
  ]

  private static func convolution(
    _ kernel: Extent, _ stride: Int, _ segments: Int, _ channels: Int
  ) -> Case {
    let width = channels / segments
    let isNarrow = width < 16 && ![1, 2, 4, 8].contains(width) && kernel != 1 && stride == 1
    return Case(
      testDescription: "\(kernel) s\(stride) \(segments)×\(width)", channels: channels,
      absorbed: isNarrow ? 3 : 4
    ) { x, graph in
      let active = activated(x, "before", &graph)
      let mapped = graph.segmentedConv2D(
        active, "conv",
        segments: Array(repeating: .init(input: width, output: width), count: segments),
        kernel: kernel, stride: stride)
      return activated(mapped, "after", &graph)
    }
  }

  /// Depthwise convolutions whose output a 1×1 convolution makes tile by tile, or may not.
  private static let separables: [Case] = [
    separable("separable", absorbed: 5),
    separable("separable, valid", padding: .valid, absorbed: 5),
    separable("separable, 5×1", kernel: Extent(height: 5, width: 1), absorbed: 5),
    separable("separable over 40 channels", channels: 40, absorbed: 5),
    // So many that several tiles are summed at once.
    separable("separable over 160 channels", channels: 160, outputs: 240, absorbed: 5),
    separable("a 1×1 at stride 2 behind a depthwise", pointwiseStride: 2, absorbed: 4),
    separable("a depthwise at stride 2 before a 1×1", depthwiseStride: 2, absorbed: 3),
    Case(testDescription: "separable of what is stored, segmented 1×1", absorbed: 1) { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let halves = Array(repeating: Convolution.Segment(input: 8, output: 12), count: 2)
      let mixed = graph.segmentedConv2D(spatial, "pointwise", segments: halves, kernel: 1)
      return graph.add(mixed, graph.conv2D(x, "other", filters: 24, kernel: 1), "sum")
    },
    Case(testDescription: "a depthwise with two readers", absorbed: 0) { x, graph in
      let spatial = graph.depthwiseConv2D(x, "depthwise", kernel: 3)
      let mixed = graph.conv2D(spatial, "pointwise", filters: 16, kernel: 1)
      return graph.add(mixed, spatial, "sum")
    },
  ]

  private static func separable(
    _ name: String, channels: Int = 16, outputs: Int = 24, kernel: Extent = 3,
    padding: Padding = .same, depthwiseStride: Int = 1, pointwiseStride: Int = 1, absorbed: Int
  ) -> Case {
    Case(testDescription: name, channels: channels, absorbed: absorbed) { x, graph in
      let active = activated(x, "before", &graph)
      let spatial = graph.depthwiseConv2D(
        active, "depthwise", kernel: kernel, stride: depthwiseStride, padding: padding)
      let mixed = graph.conv2D(
        spatial, "pointwise", filters: outputs, kernel: 1, stride: pointwiseStride)
      return activated(mixed, "after", &graph)
    }
  }

  /// Chains of residual modules, whose gradients share memory and masks as far as they may.
  private static let residuals: [Case] = [
    Case(testDescription: "modules with a ReLU behind the sum", absorbed: 12) { x, graph in
      var value = x
      for name in ["a", "b", "c"] {
        let branch = graph.conv2D(value, "\(name)/1", filters: 16, kernel: 1)
        let between = activated(branch, "\(name)/between", &graph)
        let mapped = graph.conv2D(between, "\(name)/2", filters: 16, kernel: 3)
        let normalized = graph.batchNorm(mapped, "\(name)/bn")
        let sum = graph.add(value, normalized, "\(name)/sum")
        value = graph.relu(sum, "\(name)/relu")
      }
      return value
    },
    Case(testDescription: "modules with a ReLU before the branch", absorbed: 10) { x, graph in
      var value = x
      for name in ["a", "b", "c"] {
        let active = graph.relu(value, "\(name)/relu")
        let spatial = graph.depthwiseConv2D(active, "\(name)/depthwise", kernel: 3)
        let mixed = graph.conv2D(spatial, "\(name)/mixed", filters: 16, kernel: 1)
        let normalized = graph.batchNorm(mixed, "\(name)/bn")
        value = graph.add(normalized, value, "\(name)/sum")
      }
      return graph.relu(value, "last")
    },
    Case(testDescription: "a shortcut with a batch norm of its own", absorbed: 5) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 24, kernel: 3, stride: 2)
      let normalized = graph.batchNorm(mapped, "bn")
      let shortcut = graph.conv2D(x, "shortcut", filters: 24, kernel: 1, stride: 2)
      let matched = graph.batchNorm(shortcut, "matched")
      let sum = graph.relu(graph.add(normalized, matched, "sum"), "relu")
      let last = graph.conv2D(sum, "last", filters: 24, kernel: 1)
      return graph.relu(graph.batchNorm(last, "last/bn"), "last/relu")
    },
    Case(testDescription: "a value added to itself", absorbed: 2) { x, graph in
      let normalized = graph.batchNorm(graph.conv2D(x, "conv", filters: 16, kernel: 3), "bn")
      return graph.relu(graph.add(normalized, normalized, "sum"), "relu")
    },
    Case(testDescription: "sums of sums, of ELUs among others", absorbed: 5) { x, graph in
      let left = graph.activation(graph.conv2D(x, "left", filters: 16, kernel: 1), "elu", .elu)
      let right = graph.relu(graph.conv2D(x, "right", filters: 16, kernel: 3), "right/relu")
      let first = graph.add(left, right, "first")
      let second = graph.add(x, first, "second")
      let third = graph.add(graph.activation(second, "second/elu", .elu), first, "third")
      let active = graph.relu(third, "active")
      let mapped = graph.conv2D(active, "mapped", filters: 16, kernel: 1)
      return graph.relu(graph.add(active, mapped, "fourth"), "last")
    },
    Case(testDescription: "a ReLU that a sum alone reads", absorbed: 4) { x, graph in
      let left = activated(graph.conv2D(x, "left", filters: 16, kernel: 3), "left", &graph)
      let right = activated(x, "right", &graph)
      return graph.add(left, right, "sum")
    },
  ]

  private static let joins: [Case] = [
    Case(testDescription: "depthwise", channels: 20, absorbed: 4) { x, graph in
      let active = activated(x, "before", &graph)
      let spatial = graph.depthwiseConv2D(active, "depthwise", kernel: 3)
      return activated(spatial, "after", &graph)
    },
    Case(testDescription: "residual", absorbed: 5) { x, graph in
      let active = graph.relu(x, "relu")
      let first = graph.conv2D(active, "first", filters: 16, kernel: 3)
      let between = activated(first, "between", &graph)
      let second = graph.conv2D(between, "second", filters: 16, kernel: 1)
      let normalized = graph.batchNorm(second, "bn")
      let sum = graph.add(normalized, x, "sum")
      return graph.relu(sum, "last")
    },
    Case(testDescription: "pooled with a shortcut", absorbed: 4) { x, graph in
      let active = graph.relu(x, "relu")
      let mapped = graph.conv2D(active, "conv", filters: 24, kernel: 3)
      let normalized = graph.batchNorm(mapped, "bn")
      let pooled = graph.maxPool(normalized, "pool", window: 3, stride: 2)
      let shortcut = graph.conv2D(x, "shortcut", filters: 24, kernel: 1, stride: 2)
      let matched = graph.batchNorm(shortcut, "matched")
      let sum = graph.add(pooled, matched, "sum")
      return graph.relu(sum, "last")
    },
    Case(testDescription: "one batch norm, two readers of which one is a ReLU", absorbed: 2) {
      x, graph in
      let normalized = graph.batchNorm(x, "bn")
      let active = graph.relu(normalized, "relu")
      let left = graph.conv2D(active, "left", filters: 16, kernel: 3)
      let right = graph.conv2D(normalized, "right", filters: 16, kernel: 1)
      return graph.add(left, right, "sum")
    },
    Case(testDescription: "a ReLU that has to be stored", absorbed: 1) { x, graph in
      let active = activated(x, "before", &graph)
      let left = graph.conv2D(active, "left", filters: 16, kernel: 1)
      return graph.add(left, graph.averagePool(active, "averaged", window: 3, stride: 1), "sum")
    },
    Case(testDescription: "towers joined", absorbed: 6) { x, graph in
      let active = activated(x, "before", &graph)
      let left = activated(
        graph.conv2D(active, "left", filters: 20, kernel: 1), "left", &graph)
      let right = activated(
        graph.conv2D(active, "right", filters: 12, kernel: 3), "right", &graph)
      return graph.concatenate([left, active, right], "joined")
    },
    Case(testDescription: "a ReLU that max-pools read", absorbed: 4) { x, graph in
      let active = activated(x, "before", &graph)
      let pooled = graph.maxPool(active, "pool", window: 3, stride: 2)
      let biased = graph.conv2D(active, "conv", filters: 16, kernel: 3, bias: true)
      let whole = graph.maxPool(
        graph.relu(biased, "relu"), "whole", window: 2, stride: 2)
      return graph.relu(graph.add(pooled, whole, "sum"), "last")
    },
    Case(testDescription: "a convolution with bias before a batch norm", absorbed: 2) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 18, kernel: 3, bias: true)
      return activated(mapped, "after", &graph)
    },
    Case(testDescription: "two readers before a batch norm", absorbed: 2) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 3)
      let active = activated(mapped, "after", &graph)
      let mixed = graph.conv2D(active, "mixed", filters: 16, kernel: 1)
      return graph.add(mapped, mixed, "sum")
    },
    Case(testDescription: "a ReLU's ReLU", absorbed: 1) { x, graph in
      let once = graph.relu(x, "once")
      let twice = graph.relu(once, "twice")
      let left = graph.conv2D(twice, "left", filters: 16, kernel: 3)
      return graph.add(left, x, "sum")
    },
    Case(testDescription: "a batch norm without scale", absorbed: 2) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 16, kernel: 3)
      let normalized = graph.batchNorm(mapped, "bn", scale: false)
      let active = graph.relu(normalized, "relu")
      return graph.conv2D(active, "last", filters: 16, kernel: 1)
    },
  ]
}
