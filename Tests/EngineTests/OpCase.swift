// SPDX-License-Identifier: Apache-2.0

import Engine
import Testing

/// One op, or a few, between a tap and a read-out.
struct OpCase: Sendable, CustomTestStringConvertible {
  var name: String
  var input = Shape(height: 6, width: 5, channels: 4)
  var body: @Sendable (Value, inout GraphBuilder) -> Value

  init(
    _ name: String, _ input: Shape = Shape(height: 6, width: 5, channels: 4),
    body: @escaping @Sendable (Value, inout GraphBuilder) -> Value
  ) {
    self.name = name
    self.input = input
    self.body = body
  }

  var testDescription: String { name }
}

// MARK: Exact on integers

extension OpCase {
  /// Ops whose results on small integers are exact in any order of summation.
  static let exact: [OpCase] = convolutions + depthwise + pointwise + readers

  private static let odd = Shape(height: 7, width: 9, channels: 4)

  private static let convolutions: [OpCase] = {
    var cases: [OpCase] = []
    let kernels: [Extent] = [1, 3, 5, Extent(height: 1, width: 7), Extent(height: 2, width: 3)]
    for kernel in kernels {
      for stride in 1...2 {
        for input in [Shape(height: 6, width: 8, channels: 4), odd] {
          cases.append(
            OpCase("\(kernel) convolution, stride \(stride), \(input)", input) { x, graph in
              graph.conv2D(x, "conv", filters: 5, kernel: kernel, stride: stride)
            })
        }
      }
      cases += [
        OpCase("valid \(kernel) convolution with bias", odd) { x, graph in
          graph.conv2D(x, "conv", filters: 3, kernel: kernel, padding: .valid, bias: true)
        },
        OpCase("symmetric \(kernel) convolution, stride 2") { x, graph in
          graph.conv2D(x, "conv", filters: 3, kernel: kernel, stride: 2, padding: .symmetric)
        },
      ]
    }
    for stride in 1...2 {
      cases += [
        OpCase("four equal segments, stride \(stride)") { x, graph in
          let segments = Array(repeating: Convolution.Segment(input: 1, output: 2), count: 4)
          return graph.segmentedConv2D(
            x, "conv", segments: segments, kernel: 3, stride: stride, bias: true)
        },
        OpCase("unequal segments, stride \(stride)", odd) { x, graph in
          let segments: [Convolution.Segment] = [
            .init(input: 1, output: 3), .init(input: 3, output: 2),
          ]
          return graph.segmentedConv2D(x, "conv", segments: segments, kernel: 3, stride: stride)
        },
      ]
    }
    return cases
  }()

  private static let depthwise: [OpCase] = {
    var cases: [OpCase] = []
    for (kernel, stride, multiplier) in [(3, 1, 1), (3, 2, 1), (3, 1, 2), (5, 2, 3), (1, 1, 2)] {
      for input in [Shape(height: 6, width: 5, channels: 4), odd] {
        cases.append(
          OpCase("depthwise \(kernel), stride \(stride), ×\(multiplier), \(input)", input) {
            x, graph in
            graph.depthwiseConv2D(
              x, "depthwise", kernel: Extent(kernel), stride: stride, multiplier: multiplier)
          })
      }
    }
    cases.append(
      OpCase("valid depthwise", odd) { x, graph in
        graph.depthwiseConv2D(x, "depthwise", kernel: 3, padding: .valid)
      })
    return cases
  }()

  private static let pointwise: [OpCase] = [
    OpCase("ReLU") { x, graph in graph.relu(x, "relu") },
    OpCase("dense") { x, graph in graph.dense(x, "dense", units: 7) },
    OpCase("dropout of a half") { x, graph in graph.dropout(x, "dropout", rate: 0.5) },
    OpCase("max-pool 3, stride 2", odd) { x, graph in
      graph.maxPool(x, "pool", window: 3, stride: 2)
    },
    OpCase("max-pool 3, stride 1") { x, graph in
      graph.maxPool(x, "pool", window: 3, stride: 1)
    },
    OpCase("valid max-pool 2") { x, graph in
      graph.maxPool(x, "pool", window: 2, stride: 2, padding: .valid)
    },
    OpCase("symmetric max-pool 3, stride 2") { x, graph in
      graph.maxPool(x, "pool", window: 3, stride: 2, padding: .symmetric)
    },
    OpCase("valid average-pool 2") { x, graph in
      graph.averagePool(x, "pool", window: 2, stride: 2, padding: .valid)
    },
    OpCase("global average-pool of 32 pixels", Shape(height: 8, width: 4, channels: 5)) {
      x, graph in
      graph.globalAveragePool(x, "pool")
    },
    OpCase("slice") { x, graph in graph.slice(x, "slice", channels: 1..<3) },
  ]

  /// Values that several ops read, so that gradients add up.
  private static let readers: [OpCase] = [
    OpCase("concatenation") { x, graph in
      let left = graph.conv2D(x, "left", filters: 3, kernel: 1)
      let right = graph.relu(x, "right")
      return graph.concatenate([left, x, right], "concatenated")
    },
    OpCase("concatenation of one value with itself") { x, graph in
      graph.concatenate([x, x], "concatenated")
    },
    OpCase("sum of a value and what follows it") { x, graph in
      let active = graph.relu(x, "relu")
      let mapped = graph.conv2D(active, "conv", filters: 4, kernel: 3)
      return graph.add(mapped, active, "sum")
    },
    OpCase("sum with a projected shortcut") { x, graph in
      let pooled = graph.maxPool(x, "pool", window: 3, stride: 2)
      let shortcut = graph.conv2D(x, "shortcut", filters: 4, kernel: 1, stride: 2)
      return graph.add(pooled, shortcut, "sum")
    },
    OpCase("sum of a value with itself") { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 4, kernel: 1)
      return graph.add(mapped, mapped, "sum")
    },
    OpCase("sum of two ReLUs of one value") { x, graph in
      let first = graph.relu(x, "relu1")
      let negative = graph.depthwiseConv2D(x, "negative", kernel: 1)
      let second = graph.relu(negative, "relu2")
      return graph.add(first, second, "sum")
    },
    OpCase("slices of one value") { x, graph in
      let left = graph.slice(x, "left", channels: 0..<3)
      let right = graph.slice(x, "right", channels: 1..<4)
      return graph.add(left, right, "sum")
    },
  ]
}

// MARK: Within rounding

extension OpCase {
  /// Ops that divide, take roots or powers.
  static let rounded: [OpCase] = [
    OpCase("batch norm") { x, graph in graph.batchNorm(x, "bn") },
    OpCase("batch norm without a scale, after a convolution", odd) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 5, kernel: 3)
      return graph.batchNorm(mapped, "bn", scale: false)
    },
    OpCase("convolution, batch norm, ReLU", odd) { x, graph in
      let mapped = graph.conv2D(x, "conv", filters: 5, kernel: 3, stride: 2)
      let normalized = graph.batchNorm(mapped, "bn")
      return graph.relu(normalized, "relu")
    },
    OpCase("ELU") { x, graph in graph.activation(x, "elu", .elu) },
    OpCase("average-pool 3", odd) { x, graph in
      graph.averagePool(x, "pool", window: 3, stride: 1)
    },
    OpCase("average-pool 3, stride 2") { x, graph in
      graph.averagePool(x, "pool", window: 3, stride: 2)
    },
    OpCase("global average-pool of 63 pixels", odd) { x, graph in
      graph.globalAveragePool(x, "pool")
    },
    OpCase("dropout of three tenths") { x, graph in graph.dropout(x, "dropout", rate: 0.3) },
    OpCase("two batch norms, one dropped out, added") { x, graph in
      let first = graph.batchNorm(x, "bn1")
      let second = graph.batchNorm(x, "bn2")
      let dropped = graph.dropout(second, "dropout", rate: 0.25)
      return graph.add(first, dropped, "sum")
    },
  ]
}
