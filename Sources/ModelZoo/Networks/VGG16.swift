// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// VGG-16: 13 convolutions in five stages, then fully connected layers over the flattened map.
///
/// Stages of 2, 2, 3, 3, 3 `[3×3 conv with bias → ReLU]` at 64, 128, 256, 512, 512 filters, a 2×2
/// max-pool behind each.
/// Options: `widthMultiplier`; `small`, for 32×32 images: fully connected layers of 512 instead of
/// 4096, since the map is 1×1; those of `Head`, whose `fullyConnected` are [4096, 4096].
/// Differs from the original: no dropout unless asked for, as in Keras.
/// Cost: 138,357,544 parameters with 224×224 images and 1000 classes.
/// Source: Simonyan and Zisserman, 2015, configuration D; the paper's Table 1.
public struct VGG16: Network {
  public static let key = "vgg16"
  public static let summary = "3×3 convolutions in a plain stack"
  public static let source = Citation("configuration D", in: "Simonyan and Zisserman 2015")
  private let scaling: Scaling
  private let head: Head

  /// Convolutions of each stage, and its width as a multiple of the first one's.
  static let stages: [(convolutions: Int, factor: Int)] = [
    (2, 1), (2, 2), (3, 4), (3, 8), (3, 8),
  ]

  public init(_ fields: inout Fields) throws(SettingsError) {
    scaling = try Scaling(&fields)
    let units = scaling(scaling.isSmall ? 512 : 4096)
    var head = try Head(&fields, fullyConnected: [units, units])
    head.pools = false
    self.head = head
  }

  public var usualInput: Shape { scaling.usualInput(side: 224) }
  public var usualClasses: Int { scaling.usualClasses }
  public var preprocessing: PicturePreprocessing { .caffe(size: usualInput.height) }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    var trunk = images
    for (stage, layout) in Self.stages.enumerated() {
      trunk = graph.scope("block\(stage + 1)") { graph in
        var x = trunk
        for index in 1...layout.convolutions {
          let mapped = graph.conv2D(
            x, "conv\(index)", filters: scaling(64 * layout.factor), kernel: 3, bias: true)
          x = graph.relu(mapped, "relu\(index)")
        }
        return graph.maxPool(x, "pool", window: 2, stride: 2, padding: .valid)
      }
    }
    return head(trunk, classes: classes, in: &graph)
  }
}
