// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// `[ReLU → separable conv → BN] × repetitions`, a 3×3 max-pool where the stride is above 1, and a
/// linear residual around: identity, or `[1×1/stride → BN]` where the shape changes.
///
/// The first block of the entry flow has no `leadingReLU`, the exit flow's `hiddenFilters` are
/// fewer than its filters, and Fig. 9 compares with `residual: false`.
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Source: the paper, Fig. 5.
public struct XceptionBlock: Block {
  public static let key = "xception-block"
  public static let summary = "[ReLU → separable conv → BN] × n, residual"
  public static let source = Citation("Fig. 5")
  public static let repetitions = Option(
    "repetitions", 2, in: 1...64, "how often the unit stands inside the block",
    recorded: .whereSaid)
  public static let hiddenFilters = Option<Int?>(
    "hiddenFilters", in: 1...65_536, "channels of all repetitions but the last (the filters)")
  public static let leadingReLU = Option(
    "leadingReLU", true, "whether a ReLU stands before the first repetition")
  public static let residual = Option(
    "residual", true, "whether a shortcut leads around the block")
  public static let options: [any AnyOption] = [
    Between.option, SeparableConv.depthMultiplier, repetitions, hiddenFilters, leadingReLU,
    residual,
  ]
  private let module: ResidualModule

  /// Two repetitions, as in the entry flow, unless said otherwise; the middle flow has three.
  public init(_ options: BlockOptions) throws(BlockError) {
    let options = try options.checked(for: Self.self)
    let repetitions = options[Self.repetitions]
    let hidden = options[Self.hiddenFilters]
    if let hidden, repetitions == 1 {
      throw BlockError(
        block: Self.key, field: Self.hiddenFilters.name, value: "\(hidden)",
        rule: "must be absent where nothing stands before the last repetition")
    }
    var inner = BlockOptions(filters: options.filters)
    inner.kernel = options.kernel
    inner[Between.option] = options[Between.option]
    inner[SeparableConv.depthMultiplier] = options[SeparableConv.depthMultiplier]
    let last = try SeparableConv(inner)
    inner.filters = hidden ?? options.filters
    let earlier = try SeparableConv(inner)
    module = ResidualModule(
      units: Array(repeating: earlier, count: repetitions - 1) + [last], unitName: "separable",
      stride: options.stride, hasLeadingReLU: options[Self.leadingReLU],
      isResidual: options[Self.residual])
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    module(x, in: &graph)
  }
}
