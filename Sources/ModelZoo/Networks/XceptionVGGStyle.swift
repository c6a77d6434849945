// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// A plain stack of separable convolutions, without residuals.
///
/// Five stages of 2, 2, 3, 3, 3 units `[separable conv → BN → ReLU]` at 1, 2, 4, 8, 8 times `width`
/// channels, a 2×2 max-pool behind each; then the head. The first stage's depthwise convolution
/// works on the images themselves.
/// Options: `width` (64), of the first stage; `widthMultiplier`; `small`, for 32×32 images: the last two stages have no pool, so that they
/// work on 4×4 pixels; `between`; those of `Head`.
/// Differs from the paper: it publishes no layer table; stages, widths and batch norms are ours,
/// after VGG-16, and global pooling takes the place of VGG's flattened feature map.
/// Source: the paper, section 4.6, end.
public struct XceptionVGGStyle: Network {
  public static let key = "xception-vgg-style"
  public static let summary = "separable convolutions in a plain stack"
  public static let source = Citation("section 4.6")
  private let width: Int
  private let scaling: Scaling
  private let between: Between
  private let head: Head

  public init(_ fields: inout Fields) throws(SettingsError) {
    width = try fields.integer("width", default: 64, in: 1...8192, "channels of the first stage")
    scaling = try Scaling(&fields)
    between = try fields.choice(
      "between", default: .none, "what stands between depthwise and pointwise")
    head = try Head(&fields)
  }

  public var usualInput: Shape { scaling.usualInput(side: 224) }
  public var usualClasses: Int { scaling.usualClasses }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    var trunk = images
    for (stage, layout) in VGG16.stages.enumerated() {
      var options = BlockOptions(filters: scaling(width * layout.factor))
      options[Between.option] = between
      let block = try SeparableConv(options)
      trunk = graph.scope("block\(stage + 1)") { graph in
        var x = trunk
        for unit in 1...layout.convolutions {
          let mapped = graph.scope("separable\(unit)") { block(x, in: &$0) }
          let normalized = graph.batchNorm(mapped, "bn\(unit)")
          x = graph.relu(normalized, "relu\(unit)")
        }
        guard !scaling.isSmall || stage < 3 else { return x }
        return graph.maxPool(x, "pool", window: 2, stride: 2, padding: .valid)
      }
    }
    return head(trunk, classes: classes, in: &graph)
  }
}
