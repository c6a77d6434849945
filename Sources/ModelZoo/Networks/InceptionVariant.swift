import Engine

/// What tells today's Inception V3 from the one whose parameters the paper counts.
///
/// Source: Keras' inception_v3.py as of 2017-03-10 and before it, compared by their counts.
struct InceptionVariant {
  /// Channels of the pool towers of mixed0, mixed1 and mixed2.
  let pooled: [Int]
  /// Channels that the first 1×1 of mixed7's long tower leaves.
  let lastReduced: Int
  /// What pools in mixed8.
  let reductionPool: InceptionModule.Step
  /// Biases, ReLU before the batch norm and a learned scale, instead of none of them.
  let isActivatedFirst: Bool
  let scaling: Scaling

  static func today(_ scaling: Scaling) -> InceptionVariant {
    InceptionVariant(
      pooled: [32, 64, 64], lastReduced: 192, reductionPool: .maxPool, isActivatedFirst: false,
      scaling: scaling)
  }

  static func of2016(_ scaling: Scaling) -> InceptionVariant {
    InceptionVariant(
      pooled: [32, 32, 32], lastReduced: 160,
      reductionPool: .averagePool(stride: 2, padding: .valid), isActivatedFirst: true,
      scaling: scaling)
  }

  /// `[conv → BN → ReLU]`, or `[conv with bias → ReLU → BN]` in 2016.
  func unit(
    _ x: Value, filters: Int, kernel: Extent, stride: Int = 1, padding: Padding = .same,
    in graph: inout GraphBuilder
  ) -> Value {
    let conv = graph.conv2D(
      x, "conv", filters: scaling(filters), kernel: kernel, stride: stride, padding: padding,
      bias: isActivatedFirst)
    if isActivatedFirst {
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
    pooled.map(InceptionModule.wide) + [
      .firstReduction,
      .factored(128, reduced: 128), .factored(160, reduced: 160), .factored(160, reduced: 160),
      .factored(192, reduced: lastReduced),
      .secondReduction(pool: reductionPool),
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
