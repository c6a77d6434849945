// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[depthwise k×k → between → 1×1]`: the depthwise separable convolution, the spectrum's far end
/// with the operations in the other order.
///
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: (k² + filters)·C·depthMultiplier parameters.
/// Source: the paper, sections 1.2 and 3.
public struct SeparableConv: Block {
  public static let key = "separable-conv"
  public static let summary = "[depthwise k×k → between → 1×1]"
  public static let source = Citation("section 3")
  public static let depthMultiplier = Option(
    "depthMultiplier", 1, in: 1...64, "depthwise kernels for each channel", recorded: .whereSaid)
  public static let options: [any AnyOption] = [Between.option, depthMultiplier]
  private let options: BlockOptions

  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let spatial = graph.depthwiseConv2D(
      x, "depthwise", kernel: Extent(options.kernel), stride: options.stride,
      multiplier: options[Self.depthMultiplier])
    let between = graph.activation(spatial, "between", options[Between.option])
    return graph.conv2D(between, "pointwise", filters: options.filters, kernel: 1)
  }
}
