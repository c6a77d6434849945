import Kernels

/// A graph rewritten for inference: every convolution and dense layer, with the batch norm that alone
/// reads it and the ReLU that alone reads that, becomes one op whose kernel is packed beforehand.
///
/// kernel · factor by output channel, and bias · factor + summand, give what the batch norm would;
/// the ReLU is applied as the sums are stored. A convolution with several readers is packed without
/// them, and a batch norm with no convolution before it stays what it is.
/// Nodes keep their names, and multiply-adds are counted as before. The results equal those of the
/// graph but for rounding.
public struct Folding: Sendable {
  /// What inference runs. Its parameters are the packed kernels, and those of the ops that stay.
  public let graph: Graph
  /// By node of that graph.
  let sources: [Source]

  /// The nodes of the original graph that one node stands for.
  struct Source {
    var node: Int
    var normalization: Int?
    var rectification: Int?

    /// The node whose output the folded one has.
    var last: Int { rectification ?? normalization ?? node }
  }

  /// - Parameter batch: images that will run at a time.
  public init(_ original: Graph, batch: Int) {
    var sources: [Source] = []
    var nodes: [Graph.Node] = []
    var parameters: [Parameter] = []
    /// By node of the original graph, where its output is found; nil where nobody reads it.
    var folded: [Value?] = Array(repeating: nil, count: original.nodes.count)
    let readers = original.readers
    var absorbed: Set<Int> = []
    for (position, node) in original.nodes.enumerated() where !absorbed.contains(position) {
      let source = Self.source(position, original, readers)
      absorbed.formUnion([source.normalization, source.rectification].compactMap { $0 })
      let op = Self.op(source, original, batch: batch)
      let first = parameters.count
      parameters += Self.parameters(op, node, original)
      folded[source.last] = Value(index: nodes.count)
      nodes.append(
        Graph.Node(
          name: node.name, op: op, inputs: node.inputs.compactMap { folded[$0.index] },
          output: node.output, parameters: first..<parameters.count))
      sources.append(source)
    }
    guard let output = folded[original.output.index] else {
      preconditionFailure("the output is computed by the last op of its chain")
    }
    graph = Graph(
      name: original.name, nodes: nodes, parameters: parameters, input: original.input,
      output: output)
    self.sources = sources
  }

  /// A node and what of its only readers folds into it.
  private static func source(_ position: Int, _ graph: Graph, _ readers: [[Int]]) -> Source {
    var source = Source(node: position)
    guard graph.nodes[position].op is any PackableOp else { return source }
    func onlyReader() -> Int? {
      let isOutput = source.last == graph.output.index
      return isOutput || readers[source.last].count != 1 ? nil : readers[source.last][0]
    }
    if let reader = onlyReader(), graph.nodes[reader].op is BatchNormalization {
      source.normalization = reader
    }
    if let reader = onlyReader(), graph.nodes[reader].op is ReLU { source.rectification = reader }
    return source
  }

  private static func op(_ source: Source, _ graph: Graph, batch: Int) -> any Op {
    let op = graph.nodes[source.node].op
    guard let base = op as? any PackableOp else { return op }
    return PackedOp(
      base: base, batch: batch, isRectified: source.rectification != nil,
      absorbed: [source.normalization, source.rectification].compactMap { $0 }.map {
        graph.nodes[$0].name
      })
  }

  private static func parameters(
    _ op: any Op, _ node: Graph.Node, _ graph: Graph
  ) -> [Parameter] {
    guard op is PackedOp else { return Array(graph.parameters[node.parameters]) }
    return op.parameters(for: graph.inputShapes(of: node)).map { parameter in
      var parameter = parameter
      parameter.path = "\(node.name)/\(parameter.path)"
      return parameter
    }
  }
}
