// SPDX-License-Identifier: Apache-2.0

import Engine

/// `[ReLU → unit → BN] × n`, a 3×3 max-pool where the stride is above 1, and a linear residual
/// around: identity, or `[1×1/stride → BN]` where the shape changes.
///
/// What `xception-block`, the middle flow of `xception-continuum` and the units of `stack` share.
/// Source: the paper, Fig. 5.
struct ResidualModule {
  /// At stride 1.
  let units: [any Block]
  /// The name of a unit's scope, before its number.
  var unitName = "unit"
  var stride = 1
  var hasLeadingReLU = true
  var isResidual = true

  func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    var trunk = x
    for (position, unit) in units.enumerated() {
      let isActivated = position > 0 || hasLeadingReLU
      let active = isActivated ? graph.relu(trunk, "relu\(position + 1)") : trunk
      let mapped = graph.scope("\(unitName)\(position + 1)") { unit(active, in: &$0) }
      trunk = graph.batchNorm(mapped, "bn\(position + 1)")
    }
    let pooled =
      stride > 1 ? graph.maxPool(trunk, "pool", window: 3, stride: stride) : trunk
    guard isResidual else { return pooled }
    return graph.add(pooled, shortcut(x, to: graph.shape(of: pooled), in: &graph), "sum")
  }

  private func shortcut(
    _ x: Value, to output: Shape, in graph: inout GraphBuilder
  ) -> Value {
    guard graph.shape(of: x).channels != output.channels || stride > 1 else { return x }
    let projected = graph.conv2D(
      x, "shortcut/conv", filters: output.channels, kernel: 1, stride: stride)
    return graph.batchNorm(projected, "shortcut/bn")
  }
}
