import Engine

/// `[ReLU → separable conv → BN] × repetitions`, a 3×3 max-pool where the stride is above 1, and a
/// linear residual around: identity, or `[1×1/stride → BN]` where the shape changes.
///
/// Shapes: H×W×C → ⌈H/stride⌉×⌈W/stride⌉×filters.
/// Source: the paper, Fig. 5.
public struct XceptionBlock: Block {
  public static let key = "xception-block"
  public static let summary = "[ReLU → separable conv → BN] × n, residual"
  public static let source = Citation("Fig. 5")
  public static let honours: Set<BlockOptions.Field> = [.between, .depthMultiplier, .repetitions]
  private let options: BlockOptions
  private let separable: SeparableConv

  /// Two repetitions, as in the entry flow, unless said otherwise; the middle flow has three.
  public init(_ options: BlockOptions) throws(BlockError) {
    try options.validate(for: Self.self)
    var inner = options
    inner.stride = 1
    inner.repetitions = nil
    separable = try SeparableConv(inner)
    self.options = options
  }

  public func callAsFunction(_ x: Value, in graph: inout GraphBuilder) -> Value {
    var trunk = x
    for index in 1...(options.repetitions ?? 2) {
      let active = graph.relu(trunk, "relu\(index)")
      let spatial = graph.scope("separable\(index)") { separable(active, in: &$0) }
      trunk = graph.batchNorm(spatial, "bn\(index)")
    }
    if options.stride > 1 {
      trunk = graph.maxPool(trunk, "pool", window: 3, stride: options.stride)
    }
    let shortcut = graph.residualShortcut(x, filters: options.filters, stride: options.stride)
    return graph.add(trunk, shortcut, "sum")
  }
}

extension GraphBuilder {
  /// `[identity]`, or `[1×1/stride → BN]` where the shape changes.
  mutating func residualShortcut(_ x: Value, filters: Int, stride: Int) -> Value {
    guard shape(of: x).channels != filters || stride > 1 else { return x }
    let projected = conv2D(x, "shortcut/conv", filters: filters, kernel: 1, stride: stride)
    return batchNorm(projected, "shortcut/bn")
  }
}
