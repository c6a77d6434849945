import Engine

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
  public static let honours: Set<BlockOptions.Field> = [
    .between, .depthMultiplier, .repetitions, .hiddenFilters, .leadingReLU, .residual,
  ]
  private let module: ResidualModule

  /// Two repetitions, as in the entry flow, unless said otherwise; the middle flow has three.
  public init(_ options: BlockOptions) throws(BlockError) {
    try options.validate(for: Self.self)
    let repetitions = options.repetitions ?? 2
    if let hidden = options.hiddenFilters, repetitions == 1 {
      throw BlockError(
        block: Self.key, field: "hiddenFilters", value: "\(hidden)",
        rule: "must be absent where nothing stands before the last repetition")
    }
    var inner = BlockOptions(filters: options.filters)
    inner.kernel = options.kernel
    inner.between = options.between
    inner.depthMultiplier = options.depthMultiplier
    let last = try SeparableConv(inner)
    inner.filters = options.hiddenFilters ?? options.filters
    let earlier = try SeparableConv(inner)
    module = ResidualModule(
      units: Array(repeating: earlier, count: repetitions - 1) + [last], unitName: "separable",
      stride: options.stride, hasLeadingReLU: options.leadingReLU ?? true,
      isResidual: options.residual ?? true)
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    module(x, in: &graph)
  }
}
