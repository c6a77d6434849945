// SPDX-License-Identifier: Apache-2.0

import Engine

/// Everything of Inception V3 before its head.
struct InceptionBody {
  let version: any InceptionVersion.Type
  let scaling: Scaling

  /// `[conv → BN → ReLU]`, or `[conv with bias → ReLU → BN]` in 2016.
  func unit(
    _ x: Value, filters: Int, kernel: Extent, stride: Int = 1, padding: Padding = .same,
    in graph: inout GraphBuilder
  ) -> Value {
    let conv = graph.conv2D(
      x, "conv", filters: scaling(filters), kernel: kernel, stride: stride, padding: padding,
      bias: version.isActivatedFirst)
    if version.isActivatedFirst {
      let active = graph.relu(conv, "relu")
      return graph.batchNorm(active, "bn")
    }
    let normalized = graph.batchNorm(conv, "bn", scale: false)
    return graph.relu(normalized, "relu")
  }

  func callAsFunction(_ images: Value, in graph: inout GraphBuilder) -> Value {
    var trunk = graph.scope("stem") { stem(images, in: &$0) }
    for (position, module) in modules.enumerated() {
      trunk = graph.scope("mixed\(position)") { module(trunk, self, in: &$0) }
    }
    return trunk
  }

  private var modules: [InceptionModule] {
    version.pooled.map(InceptionModule.wide) + [
      .firstReduction,
      .factored(128, reduced: 128), .factored(160, reduced: 160), .factored(160, reduced: 160),
      .factored(192, reduced: version.lastReduced),
      .secondReduction(
        pool: version.poolsMaximum ? .maxPool : .averagePool(stride: 2, padding: .valid)),
      .expanded, .expanded,
    ]
  }

  /// `[3×3/2 → 3×3 → 3×3 → max-pool → 1×1 → 3×3 → max-pool]`; for small images without strides,
  /// pools and valid borders.
  private func stem(_ images: Value, in graph: inout GraphBuilder) -> Value {
    let isSmall = scaling.isSmall
    let valid: Padding = isSmall ? .same : .valid
    let layers: [(filters: Int, kernel: Extent, stride: Int, padding: Padding, pools: Bool)] = [
      (32, 3, isSmall ? 1 : 2, valid, false), (32, 3, 1, valid, false), (64, 3, 1, .same, true),
      (80, 1, 1, valid, false), (192, 3, 1, valid, true),
    ]
    var trunk = images
    for (index, layer) in layers.enumerated() {
      trunk = graph.scope("\(index + 1)") {
        unit(
          trunk, filters: layer.filters, kernel: layer.kernel, stride: layer.stride,
          padding: layer.padding, in: &$0)
      }
      guard layer.pools, !isSmall else { continue }
      trunk = graph.maxPool(trunk, "\(index + 1)/pool", window: 3, stride: 2, padding: .valid)
    }
    return trunk
  }
}
