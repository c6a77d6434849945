// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[1×1 → between → k×k over S segments]`: one 1×1, then a spatial convolution in which every
/// segment of the channels is mapped on its own.
///
/// S = 1 is a 1×1 followed by an ordinary convolution, S = filters is extreme Inception, and the
/// segments between are the paper's spectrum.
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: C·filters + k²·Σ width² parameters over the segments.
/// Source: the paper, Fig. 3.
public struct SegmentedInception: Block {
  public static let key = "segmented-inception"
  public static let summary = "[1×1 → between → k×k over S segments]"
  public static let source = Citation("Fig. 3")
  public static let segments = Option<Int?>(
    "segments", in: 1...65_536, "equal channel segments of the spatial convolution (4)")
  public static let segmentWidth = Option<Int?>(
    "segmentWidth", in: 1...65_536, "channels of each segment, instead of their number")
  public static let segmentWidths = Option<[Int]?>(
    "segmentWidths", in: 1...65_536, "channels of every segment, in order, for unequal ones")
  public static let options: [any AnyOption] = [
    segments, Partition.unequal, segmentWidth, segmentWidths, Between.option,
  ]
  private let options: BlockOptions
  private let widths: [Int]

  /// Four segments unless said otherwise (the paper speaks of 3 or 4); where four does not divide
  /// the filters, their widths differ by one channel.
  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
    widths = try self.options.widths(
      Partition.Options(
        count: Self.segments, width: Self.segmentWidth, list: Self.segmentWidths, usual: 4),
      for: Self.self)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let mixed = graph.conv2D(x, "pointwise", filters: options.filters, kernel: 1)
    let between = graph.activation(mixed, "between", options[Between.option])
    return graph.segmentedConv2D(
      between, "spatial", segments: widths.map { .init(input: $0, output: $0) },
      kernel: Extent(options.kernel), stride: options.stride)
  }
}
