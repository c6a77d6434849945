import Engine
import ModelZoo

/// A block with options, on an input.
public struct BlockCase: Sendable {
  public var type: any Block.Type
  public var options: BlockOptions
  public var input: Shape
  public var batch = 2

  public init(
    _ type: any Block.Type, input: Shape = Shape(height: 6, width: 5, channels: 6),
    filters: Int = 8, _ change: (inout BlockOptions) -> Void = { _ in }
  ) {
    self.type = type
    self.input = input
    options = BlockOptions(filters: filters)
    // Two towers, so that `unequal` has a width to tell apart from an even one.
    if type == SimplifiedInception.self { options.towers = 2 }
    change(&options)
    // It cuts its input: segment widths that add up to the filters must add up to these too.
    if type == SegmentedSeparable.self { self.input.channels = options.filters }
  }

  /// The block between a tap and a read-out.
  public func graph(_ gradient: OutputGradient = .ofTheLoss) throws -> Graph {
    let block = try type.init(options)
    return try observedGraph(input, batch: batch, gradient: gradient) { x, graph in
      graph.scope("block") { block(x, in: &$0) }
    }
  }

  /// The block alone.
  public func plainGraph() throws -> Graph {
    let block = try type.init(options)
    var graph = GraphBuilder(type.key, input: input)
    let output = block(graph.input, in: &graph)
    return try graph.finish(output)
  }

  public func step(
    _ numbers: Step.Numbers, gradient: OutputGradient = .ofTheLoss
  ) throws -> Step {
    Step(try graph(gradient), batch: batch, numbers: numbers)
  }

  /// Whether sums on small integers are exact: no batch norm, no activation but the ReLU, no mean.
  public func isExact() throws -> Bool {
    try plainGraph().nodes.allSatisfy { node in
      if let op = node.op as? ActivationOp { return op.activation == .relu }
      return
        !(node.op is BatchNormalization || node.op is AveragePool
        || node.op is GlobalAveragePool || node.op is Dropout)
    }
  }

  /// `segmented-inception: filters 8, stride 2, segments 4`, all that is not the default.
  public var name: String {
    var parts = ["filters \(options.filters)"]
    if options.kernel != 3 { parts.append("kernel \(options.kernel)") }
    if options.stride != 1 { parts.append("stride \(options.stride)") }
    for field in BlockOptions.Field.allCases {
      if let value = options.text(field) { parts.append("\(field.rawValue) \(value)") }
    }
    return "\(type.key): \(parts.joined(separator: ", "))"
  }
}

extension BlockCase {
  /// A block in every way that it can be asked for, one option at a time.
  ///
  /// A new option gets its values here, or the check of options says that it has none.
  public static func variants(of type: any Block.Type) -> [BlockCase] {
    let changes: [(inout BlockOptions) -> Void] =
      [
        { _ in }, { $0.filters = 12 }, { $0.kernel = 5 }, { $0.kernel = 1 }, { $0.stride = 2 },
      ]
      + BlockOptions.Field.allCases.filter(type.honours.contains).flatMap(values)
    return changes.map { BlockCase(type, $0) }
  }

  /// Values of one option, different from the default that `init` gives.
  public static func values(
    of field: BlockOptions.Field
  ) -> [(inout BlockOptions) -> Void] {
    switch field {
    case .segments: [1, 2, 8].map { value in { $0.segments = value } }
    case .unequal:
      // A width that neither four segments nor two towers divide.
      [
        {
          $0.unequal = true
          $0.filters = 9
        }
      ]
    case .segmentWidth: [1, 4].map { value in { $0.segmentWidth = value } }
    case .segmentWidths: [[3, 5], [1, 2, 5]].map { value in { $0.segmentWidths = value } }
    case .towers: [1, 4].map { value in { $0.towers = value } }
    case .towerWidths:
      [[3, 5], [5, 2, 1]].map { value in
        {
          $0.towers = nil
          $0.towerWidths = value
        }
      }
    case .between: Between.allCases.dropFirst().map { value in { $0.between = value } }
    case .depthMultiplier: [2, 3].map { value in { $0.depthMultiplier = value } }
    case .repetitions: [1, 3].map { value in { $0.repetitions = value } }
    case .hiddenFilters: [4, 10].map { value in { $0.hiddenFilters = value } }
    case .leadingReLU: [{ $0.leadingReLU = false }]
    case .residual: [{ $0.residual = false }]
    }
  }
}
