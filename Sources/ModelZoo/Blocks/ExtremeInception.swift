// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[1×1 → between → depthwise k×k]`: one spatial convolution for each channel of the 1×1.
///
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: (C + k²)·filters parameters.
/// Source: the paper, Fig. 4.
public struct ExtremeInception: Block {
  public static let key = "extreme-inception"
  public static let summary = "[1×1 → between → depthwise k×k]"
  public static let source = Citation("Fig. 4")
  public static let options: [any AnyOption] = [Between.option]
  private let options: BlockOptions

  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    let between = graph.activation(mixed, "between", options[Between.option])
    return graph.depthwiseConv2D(
      between, "depthwise", kernel: Extent(options.kernel), stride: options.stride)
  }
}
