// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[k×k conv]`: cross-channel and spatial correlations mapped jointly; the spectrum's near end.
///
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: k²·C·filters parameters; as many multiply-adds a pixel.
/// Source: the paper, section 1.
public struct RegularConv: Block {
  public static let key = "regular-conv"
  public static let summary = "[k×k]"
  public static let source = Citation("section 1")
  public static let options: [any AnyOption] = []
  private let options: BlockOptions

  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    graph.conv2D(
      x, "conv", filters: options.filters, kernel: Extent(options.kernel),
      stride: options.stride)
  }
}
