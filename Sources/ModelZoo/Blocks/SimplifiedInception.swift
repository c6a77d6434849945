// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[1×1 → between → k×k] × T towers`, concatenated; the towers may have unequal widths.
///
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: C·filters + k²·Σ width² parameters over the towers.
/// Source: the paper, Fig. 2.
public struct SimplifiedInception: Block {
  public static let key = "simplified-inception"
  public static let summary = "[1×1 → between → k×k] × T towers"
  public static let source = Citation("Fig. 2")
  public static let towers = Option<Int?>("towers", in: 1...65_536, "equal towers (3)")
  public static let towerWidths = Option<[Int]?>(
    "towerWidths", in: 1...65_536, "channels of every tower, in order")
  public static let options: [any AnyOption] = [
    Partition.unequal, towers, towerWidths, Between.option,
  ]
  private let options: BlockOptions
  private let widths: [Int]

  /// Three towers, as in the figure, unless said otherwise; where three does not divide the
  /// filters, their widths differ by one channel.
  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
    widths = try self.options.widths(
      Partition.Options(count: Self.towers, list: Self.towerWidths, usual: 3), for: Self.self)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    var towers: [Value] = []
    for (index, width) in widths.enumerated() {
      let tower = "tower\(index + 1)"
      let mixed = graph.conv2D(x, "\(tower)/pointwise", filters: width, kernel: 1)
      let between = graph.activation(mixed, "\(tower)/between", options[Between.option])
      let spatial = graph.conv2D(
        between, "\(tower)/spatial", filters: width, kernel: Extent(options.kernel),
        stride: options.stride)
      towers.append(spatial)
    }
    return graph.concatenate(towers, "concatenated")
  }
}
