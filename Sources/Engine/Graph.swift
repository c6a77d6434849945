// SPDX-License-Identifier: Apache-2.0

/// The output of one op, to be read by others.
public struct Value: Hashable, Sendable {
  /// The position of its op in the graph.
  public let index: Int
}

/// A network as data: named ops in the order in which they run, every op reading earlier ones.
///
/// Shapes, parameters, costs, the layer table, both passes and the paths of weights in files are
/// all derived from this one description.
public struct Graph: Sendable {
  /// One op in its place.
  public struct Node: Sendable {
    /// The path, unique in the graph: `stage1/unit2/block1/depthwise`.
    public let name: String
    public let op: any Op
    public let inputs: [Value]
    public let output: Shape
    /// Positions in `Graph.parameters`.
    public let parameters: Range<Int>
  }

  public let name: String
  public let nodes: [Node]
  public let parameters: [Parameter]
  /// The images.
  public let input: Value
  /// The logits, 1×1×classes.
  public let output: Value

  public func shape(of value: Value) -> Shape { nodes[value.index].output }
  public var inputShape: Shape { shape(of: input) }
  public var outputShape: Shape { shape(of: output) }

  /// The shapes that a node reads.
  public func inputShapes(of node: Node) -> [Shape] { node.inputs.map(shape) }

  /// For every value, the positions of the ops that read it, in order; an op that reads a value
  /// twice stands twice.
  public var readers: [[Int]] {
    var readers = Array(repeating: [Int](), count: nodes.count)
    for (position, node) in nodes.enumerated() {
      for input in node.inputs { readers[input.index].append(position) }
    }
    return readers
  }
}
