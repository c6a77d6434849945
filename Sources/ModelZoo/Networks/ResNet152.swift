// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// ResNet-152, version 1 as in Keras: biases before the batch norms, strides on the first 1×1.
///
/// Stem: `[7×7/2 conv 64 → BN → ReLU → 3×3/2 max-pool]`. Then stages of 3, 8, 36, 3 bottlenecks
/// `[1×1 → BN → ReLU → 3×3 → BN → ReLU → 1×1 → BN] + shortcut → ReLU` at 64, 128, 256, 512 channels
/// inside and four times as many outside; the first of each stage projects its shortcut.
/// Options: `widthMultiplier`; `small`, for 32×32 images: a stem of one 3×3 convolution at stride 1
/// and no pool; `residual` (true), whether there are shortcuts; those of `Head`.
/// Differs from Keras: its zero padding before the pool is left out of the maximum, which is the same
/// behind a ReLU.
/// Cost: 60,268,520 trainable parameters with 1000 classes, 75,712 of them redundant biases.
/// Source: He et al., 2016, Table 1; the paper's Table 1.
public struct ResNet152: Network {
  public static let key = "resnet152"
  public static let summary = "bottlenecks of regular convolutions, residual"
  public static let source = Citation("Table 1", in: "He et al. 2016")
  /// Keras' value for its ResNets.
  public static let batchNormEpsilon = 1.001e-5
  private let scaling: Scaling
  private let isResidual: Bool
  private let head: Head

  private static let stages: [(blocks: Int, filters: Int)] = [
    (3, 64), (8, 128), (36, 256), (3, 512),
  ]

  public init(_ fields: inout Fields) throws(SettingsError) {
    scaling = try Scaling(&fields)
    isResidual = try fields.bool(
      "residual", default: true, "whether there are shortcuts")
    head = try Head(&fields)
  }

  public var usualInput: Shape { scaling.usualInput(side: 224) }
  public var usualClasses: Int { scaling.usualClasses }
  public var preprocessing: PicturePreprocessing { .caffe(size: usualInput.height) }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    var trunk = graph.scope("conv1") { stem(images, in: &$0) }
    for (stage, layout) in Self.stages.enumerated() {
      for block in 1...layout.blocks {
        trunk = graph.scope("conv\(stage + 2)/block\(block)") { graph in
          bottleneck(
            trunk, filters: layout.filters, stride: stage > 0 && block == 1 ? 2 : 1,
            projects: block == 1, in: &graph)
        }
      }
    }
    return head(trunk, classes: classes, in: &graph)
  }

  private func stem(_ images: Value, in graph: inout GraphBuilder) -> Value {
    let conv = graph.conv2D(
      images, "conv", filters: scaling(64), kernel: scaling.isSmall ? 3 : 7,
      stride: scaling.isSmall ? 1 : 2, padding: .symmetric, bias: true)
    let normalized = graph.batchNorm(conv, "bn")
    let active = graph.relu(normalized, "relu")
    guard !scaling.isSmall else { return active }
    return graph.maxPool(active, "pool", window: 3, stride: 2, padding: .symmetric)
  }

  private func bottleneck(
    _ x: Value, filters: Int, stride: Int, projects: Bool, in graph: inout GraphBuilder
  ) -> Value {
    let (inner, outer) = (scaling(filters), scaling(4 * filters))
    var shortcut = x
    if projects, isResidual {
      let projected = graph.conv2D(
        x, "shortcut/conv", filters: outer, kernel: 1, stride: stride, bias: true)
      shortcut = graph.batchNorm(projected, "shortcut/bn")
    }
    let conv1 = graph.conv2D(x, "conv1", filters: inner, kernel: 1, stride: stride, bias: true)
    let normalized1 = graph.batchNorm(conv1, "bn1")
    let active1 = graph.relu(normalized1, "relu1")
    let conv2 = graph.conv2D(active1, "conv2", filters: inner, kernel: 3, bias: true)
    let normalized2 = graph.batchNorm(conv2, "bn2")
    let active2 = graph.relu(normalized2, "relu2")
    let conv3 = graph.conv2D(active2, "conv3", filters: outer, kernel: 1, bias: true)
    let normalized3 = graph.batchNorm(conv3, "bn3")
    guard isResidual else { return graph.relu(normalized3, "relu") }
    let sum = graph.add(shortcut, normalized3, "sum")
    return graph.relu(sum, "relu")
  }
}
