// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

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
    if type == SimplifiedInception.self { options[SimplifiedInception.towers] = 2 }
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
    for option in type.options {
      if let value = options.said[option.name] {
        parts.append("\(option.name) \(BlockCase.text(value))")
      }
    }
    return "\(type.key): \(parts.joined(separator: ", "))"
  }

  private static func text(_ value: JSON) -> String {
    guard case .array(let widths) = value else { return value.plainText }
    return "[\(widths.map(\.plainText).joined(separator: ", "))]"
  }
}

extension BlockCase {
  /// What is changed of a block's options.
  public typealias Change = @Sendable (inout BlockOptions) -> Void

  /// A block in every way that it can be asked for, one option at a time.
  public static func variants(of type: any Block.Type) -> [BlockCase] {
    let changes: [Change] =
      [
        { _ in }, { $0.filters = 12 }, { $0.kernel = 5 }, { $0.kernel = 1 }, { $0.stride = 2 },
      ] + type.options.flatMap(values)
    return changes.map { BlockCase(type, $0) }
  }

  /// Values of one option, different from its default: those that its form allows, but for the options
  /// whose values must fit the filters.
  public static func values(of option: any AnyOption) -> [Change] {
    if let own = fitting(option.name) { return own }
    guard let option = option as? any TriedOption else { return [] }
    return option.changes
  }

  private static func fitting(_ name: String) -> [Change]? {
    func each<Value: Sendable>(_ option: Option<Value>, _ values: [Value]) -> [Change] {
      values.map { value in { $0[option] = value } }
    }
    switch name {
    case "segments": return each(SegmentedInception.segments, [1, 2, 8])
    case "segmentWidth": return each(SegmentedInception.segmentWidth, [1, 4])
    case "segmentWidths": return each(SegmentedInception.segmentWidths, [[3, 5], [1, 2, 5]])
    case "towers": return each(SimplifiedInception.towers, [1, 4])
    case "towerWidths":
      return [[3, 5], [5, 2, 1]].map { value in
        {
          $0[SimplifiedInception.towers] = nil
          $0[SimplifiedInception.towerWidths] = value
        }
      }
    case "unequal":
      // A width that neither four segments nor two towers divide.
      return [
        {
          $0[Partition.unequal] = true
          $0.filters = 9
        }
      ]
    case "hiddenFilters": return each(XceptionBlock.hiddenFilters, [4, 10])
    default: return nil
    }
  }
}

/// An option whose values follow from its form.
private protocol TriedOption {
  var changes: [BlockCase.Change] { get }
}

extension Option: TriedOption {
  fileprivate var changes: [BlockCase.Change] {
    tried.compactMap { $0 as? Value }.map { value in { $0[self] = value } }
  }

  /// The numbers beside the default, the other answer, the other choices.
  private var tried: [Any] {
    switch form {
    case .integer(let range):
      let middle = fallback as? Int ?? range.lowerBound
      let near = [middle - 1, middle + 1, middle + 2].filter(range.contains)
      return Array(near.prefix(2))
    case .flag: return [!(fallback as? Bool ?? false)]
    case .choice:
      guard let fallback = fallback as? any CaseIterable & Hashable else { return [] }
      return Self.others(than: fallback)
    default: return []
    }
  }

  private static func others<Choice: CaseIterable & Hashable>(than fallback: Choice) -> [Any] {
    Choice.allCases.filter { $0 != fallback }
  }
}
