// SPDX-License-Identifier: Apache-2.0

import Engine

extension FusionTests {
  /// Every activation before and behind every op that can apply it.
  static let activations: [Case] = Activation.allCases.flatMap { activation in
    [
      Case(testDescription: "\(activation) read by all", absorbed: 7) { x, graph in
        let before = activated(x, "before", activation, &graph)
        let mapped = graph.conv2D(before, "conv", filters: 16, kernel: 3)
        let behind = activated(mapped, "behind", activation, &graph)
        let spatial = graph.depthwiseConv2D(behind, "depthwise", kernel: 3)
        let between = graph.activation(spatial, "between", activation)
        let mixed = graph.conv2D(between, "mixed", filters: 16, kernel: 1)
        let last = graph.activation(mixed, "last", activation)
        let joined = graph.concatenate([last, before], "joined")
        return graph.activation(joined, "joined/active", activation)
      },
      Case(testDescription: "\(activation) in sums and separable", absorbed: 7) { x, graph in
        let active = graph.activation(x, "active", activation)
        let spatial = graph.depthwiseConv2D(active, "depthwise", kernel: 3)
        let mixed = graph.conv2D(spatial, "mixed", filters: 16, kernel: 1, bias: true)
        let left = activated(mixed, "left", activation, &graph)
        let right = activated(
          graph.conv2D(x, "right", filters: 16, kernel: 1), "right", activation, &graph)
        return graph.activation(graph.add(left, right, "sum"), "sum/active", activation)
      },
      Case(testDescription: "\(activation) added to itself", absorbed: 1) { x, graph in
        let active = graph.activation(x, "active", activation)
        return graph.add(active, active, "sum")
      },
      Case(testDescription: "\(activation) that is stored", absorbed: 1) { x, graph in
        let active = activated(x, "before", activation, &graph)
        let pooled = graph.averagePool(active, "pool", window: 3, stride: 1)
        return graph.add(active, pooled, "sum")
      },
    ]
  }

  private static func activated(
    _ x: Value, _ name: String, _ activation: Activation, _ graph: inout GraphBuilder
  ) -> Value {
    graph.activation(graph.batchNorm(x, "\(name)/bn"), "\(name)/active", activation)
  }
}
