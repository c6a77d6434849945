// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[k×k over S segments → between → 1×1]`: segmented Inception with its two operations in the other
/// order, a spatial convolution in which every segment of the *input* channels is mapped on its own,
/// then one 1×1.
///
/// As many segments as input channels are the depthwise separable convolution. Beside
/// `segmented-inception` it tells what the number of segments does from what the order does, which
/// the paper calls unimportant for stacks (section 3) and which its section 4.7 could not tell apart.
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Cost: k²·Σ width² + C·filters parameters over the segments.
/// Differs from the paper: it has no figure of this block; sections 3 and 4.7 ask for it.
/// Source: the paper, section 3.
public struct SegmentedSeparable: Block {
  public static let key = "segmented-separable"
  public static let summary = "[k×k over S segments → between → 1×1]"
  public static let source = Citation("section 3")
  public static let options: [any AnyOption] = [
    SegmentedInception.segments, Partition.unequal, SegmentedInception.segmentWidth, Between.option,
  ]
  private let options: BlockOptions

  /// Four segments unless said otherwise, as in segmented Inception.
  ///
  /// The rules of segments are checked on the filters, of which the zoo's networks have as many as
  /// input channels or twice as many; `callAsFunction` checks them on the input itself.
  public init(_ options: BlockOptions) throws(BlockError) {
    self.options = try options.checked(for: Self.self)
    _ = try widths(of: Partition.Channels(options.filters, "filters"))
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    let channels = graph.shape(of: x).channels
    var segments = [channels]
    do {
      segments = try widths(of: Partition.Channels(channels, "input channels"))
    } catch {
      graph.fail(
        GraphError(op: Self.key, rule: "\(error.field) is \(error.value); it \(error.rule)"))
    }
    let spatial = graph.segmentedConv2D(
      x, "spatial", segments: segments.map { .init(input: $0, output: $0) },
      kernel: Extent(options.kernel), stride: options.stride)
    let between = graph.activation(spatial, "between", options[Between.option])
    return graph.conv2D(between, "pointwise", filters: options.filters, kernel: 1)
  }

  private func widths(of channels: Partition.Channels) throws(BlockError) -> [Int] {
    try options.widths(
      Partition.Options(
        count: SegmentedInception.segments, width: SegmentedInception.segmentWidth, usual: 4),
      of: channels, for: Self.self)
  }
}
