// SPDX-License-Identifier: Apache-2.0

/// Appends named ops to a graph.
///
/// Blocks and networks are written against this type; each op's file adds its method. A broken
/// rule (a window larger than its input, say) is kept and thrown by `finish`, so that a block reads
/// as the paper's figure does, one line an op.
///
/// ```swift
/// var graph = GraphBuilder("net", input: Shape(height: 32, width: 32, channels: 3))
/// let spatial = graph.depthwiseConv2D(graph.input, "depthwise", kernel: 3)
/// let mixed = graph.conv2D(spatial, "pointwise", filters: 64, kernel: 1)
/// let network = try graph.finish(mixed)
/// ```
public struct GraphBuilder: Sendable {
  public let name: String
  /// The images.
  public let input = Value(index: 0)
  private var nodes: [Graph.Node]
  private var parameters: [Parameter] = []
  private var names: Set<String> = ["input"]
  private var prefix = ""
  private var firstError: GraphError?
  private var multiplyAddsBound = 0.0
  private let batchNormEpsilon: Float
  private let runningDecay: Float

  /// - Parameters:
  ///   - name: the network's.
  ///   - input: the shape of an image.
  ///   - batchNormEpsilon: of every batch norm; Keras' default.
  ///   - runningDecay: of every batch norm; Keras' default.
  public init(
    _ name: String, input: Shape, batchNormEpsilon: Float = 1e-3, runningDecay: Float = 0.99
  ) {
    self.name = name
    self.batchNormEpsilon = batchNormEpsilon
    self.runningDecay = runningDecay
    nodes = [Graph.Node(name: "input", op: Input(), inputs: [], output: input, parameters: 0..<0)]
    if min(input.height, input.width, input.channels) < 1 {
      firstError = GraphError(op: "input", rule: "\(input) must have no side below 1")
    }
  }

  public func shape(of value: Value) -> Shape { nodes[value.index].output }

  /// Adds an op; its file has a method of its own name that calls this.
  public mutating func append(_ op: any Op, _ name: String, _ inputs: [Value]) -> Value {
    let path = prefix + name
    let shapes = inputs.map(shape)
    var output = Shape(height: 1, width: 1, channels: 1)
    do {
      output = try op.outputShape(for: shapes)
    } catch {
      fail(GraphError(op: path, rule: error.rule))
    }
    if !isCountable(output, op, shapes) {
      fail(GraphError(op: path, rule: "\(shapes) → \(output) is too large for anything to count"))
    }
    if !names.insert(path).inserted {
      fail(GraphError(op: path, rule: "the name stands twice in the graph"))
    }
    let first = parameters.count
    if firstError == nil {
      parameters += op.parameters(for: shapes).map { parameter in
        var parameter = parameter
        parameter.path = "\(path)/\(parameter.path)"
        return parameter
      }
    }
    nodes.append(
      Graph.Node(
        name: path, op: op, inputs: inputs, output: output,
        parameters: first..<parameters.count))
    return Value(index: nodes.count - 1)
  }

  /// Whether costs up to here, and the numbers of one image, stay far inside 64 bits.
  private mutating func isCountable(_ output: Shape, _ op: any Op, _ inputs: [Shape]) -> Bool {
    func product(_ numbers: [Int]) -> Double { numbers.reduce(1) { $0 * Double($1) } }
    let weights = op.parameters(for: inputs).reduce(0) { $0 + product($1.shape) }
    multiplyAddsBound += Double(output.height) * Double(output.width) * (weights + 1)
    return multiplyAddsBound < 0x1p60
      && product([output.height, output.width, output.channels]) < 0x1p40
  }

  /// Puts `name/` before the names of all ops that `body` appends.
  public mutating func scope(
    _ name: String, _ body: (inout GraphBuilder) -> Value
  ) -> Value {
    let outer = prefix
    prefix += "\(name)/"
    let value = body(&self)
    prefix = outer
    return value
  }

  /// `[BN]`, with the builder's constants.
  public mutating func batchNorm(_ x: Value, _ name: String, scale: Bool = true) -> Value {
    let op = BatchNormalization(
      epsilon: batchNormEpsilon, runningDecay: runningDecay, hasScale: scale)
    return append(op, name, [x])
  }

  /// Keeps the first broken rule for `finish`.
  public mutating func fail(_ error: GraphError) {
    firstError = firstError ?? error
  }

  /// The finished graph.
  ///
  /// - Throws: the first broken rule; or the op whose output nobody reads, which is how an
  ///   activation gets lost.
  public func finish(_ output: Value) throws(GraphError) -> Graph {
    if let firstError { throw firstError }
    let graph = Graph(
      name: name, nodes: nodes, parameters: parameters, input: input, output: output)
    let readers = graph.readers
    for (position, node) in nodes.enumerated()
    where readers[position].isEmpty && position != output.index {
      throw GraphError(op: node.name, rule: "its output is never used")
    }
    return graph
  }
}
