// SPDX-License-Identifier: Apache-2.0

import Engine

/// A network as ONNX says it, before it becomes a file: nodes, constant tensors, inputs, outputs.
///
/// The input `images` is [batch, height, width, channels], as everywhere here; behind one transposition
/// everything is [batch, channels, height, width], as ONNX has it. The outputs are `logits` and
/// `probabilities`, [batch, classes]. Values and nodes have the paths of the ops, constants those of the
/// parameters.
public struct ONNXGraph {
  /// The version of the operators; 17 is the first that later readers promise to take for long.
  static let opset = 17

  enum Attribute: Equatable {
    case integer(Int)
    case integers([Int])
    case number(Float)
  }

  struct Node: Equatable {
    var op: String
    var name: String
    var inputs: [String]
    /// Every node has one.
    var output: String
    var attributes: [String: Attribute] = [:]
  }

  /// Constant numbers.
  enum Values: Equatable {
    /// A parameter's, by its position, as they are.
    case parameter(Int)
    /// Those of a parameter, turned from [kH, kW, in, out] into [out, in, kH, kW], one after the other.
    case kernels(parameter: Int, [ONNXKernel])
    case floats([Float])
    case integers([Int])
  }

  struct Tensor: Equatable {
    var name: String
    var shape: [Int]
    var values: Values
  }

  /// What the readers of an op read.
  struct Operand {
    var name: String
    /// Whether it is [batch, channels] and no longer has a plane.
    var isFlat: Bool
  }

  static let images = "images"
  static let logits = "logits"
  static let probabilities = "probabilities"

  private(set) var nodes: [Node] = []
  private(set) var tensors: [Tensor] = []
  private let graph: Graph
  private var operands: [Operand] = []

  /// - Throws: the op that has no node.
  public init(_ graph: Graph) throws(GraphError) {
    self.graph = graph
    for (position, node) in graph.nodes.enumerated() {
      let output = position == graph.output.index ? Self.logits : node.name
      operands.append(try append(node, output))
    }
    add("Softmax", "probabilities", [Self.logits], Self.probabilities, ["axis": .integer(-1)])
  }

  mutating func add(
    _ op: String, _ name: String, _ inputs: [String], _ output: String,
    _ attributes: [String: Attribute] = [:]
  ) {
    nodes.append(
      Node(op: op, name: name, inputs: inputs, output: output, attributes: attributes))
  }

  mutating func add(_ name: String, _ shape: [Int], _ values: Values) -> String {
    tensors.append(Tensor(name: name, shape: shape, values: values))
    return name
  }

  /// What an op reads.
  func reads(_ node: Graph.Node) -> [Operand] { node.inputs.map { operands[$0.index] } }

  func inputShape(_ node: Graph.Node) -> Shape { graph.shape(of: node.inputs[0]) }

  func parameter(_ node: Graph.Node, _ number: Int) -> (position: Int, Parameter) {
    let position = node.parameters[node.parameters.startIndex + number]
    return (position, graph.parameters[position])
  }
}

/// Where a kernel [kH, kW, in, out] stands in a parameter, and its sizes.
struct ONNXKernel: Equatable {
  var start = 0
  var area: Int
  var input: Int
  var output: Int

  var count: Int { area * input * output }

  /// Its numbers as [out, in, kH, kW].
  func turned(_ values: [Float]) -> [Float] {
    var result = [Float](repeating: 0, count: count)
    var target = 0
    for filter in 0..<output {
      for channel in 0..<input {
        for tap in 0..<area {
          result[target] = values[start + (tap * input + channel) * output + filter]
          target += 1
        }
      }
    }
    return result
  }
}
