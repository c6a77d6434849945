// SPDX-License-Identifier: Apache-2.0

import Kernels

/// A graph rewritten for inference: every convolution and dense layer, with the batch norm that alone
/// reads it and the activation that alone reads that, becomes one op whose kernel is packed beforehand.
///
/// A depthwise convolution that a 1×1 convolution alone reads becomes part of that where it pays.
/// So does a sum, in the convolution before it that comes last.
/// kernel · factor by output channel, and bias · factor + summand, give what the batch norm would;
/// the activation is applied before the sums leave the cache. A convolution with several readers is packed without
/// them, and a batch norm with no convolution before it stays what it is.
/// Nodes keep their names, and multiply-adds are counted as before. The results equal those of the
/// graph but for rounding.
public struct Folding: Sendable {
  /// What inference runs. Its parameters are the packed kernels, and those of the ops that stay.
  public let graph: Graph
  /// By node of that graph.
  let sources: [Source]

  /// A node of the original graph and what of its only readers folds into it.
  struct Chain {
    var node: Int
    var normalization: Int?
    /// A sum, and its other summand.
    var addition: (node: Int, addend: Int)?
    var activation: Int?

    /// The node whose output the folded one has.
    var last: Int { activation ?? addition?.node ?? normalization ?? node }
    /// All but the node itself.
    var followers: [Int] { [normalization, addition?.node, activation].compactMap { $0 } }
  }

  /// The nodes of the original graph that one node stands for.
  struct Source {
    /// A depthwise convolution that the main node makes as it reads.
    var producer: Chain?
    var main: Chain

    var first: Int { producer?.node ?? main.node }
    var addends: [Int] { main.addition.map { [$0.addend] } ?? [] }
    var absorbed: [Int] {
      (producer.map { [$0.node] + $0.followers } ?? []) + main.followers
    }
  }

  /// - Parameters:
  ///   - original: the network as it was trained.
  ///   - batch: images that will run at a time.
  public init(_ original: Graph, batch: Int) {
    var sources: [Source] = []
    var nodes: [Graph.Node] = []
    var parameters: [Parameter] = []
    /// By node of the original graph, where its output is found; nil where nobody reads it.
    var folded: [Value?] = Array(repeating: nil, count: original.nodes.count)
    let readers = original.readers
    var absorbed: Set<Int> = []
    for (position, node) in original.nodes.enumerated() where !absorbed.contains(position) {
      let source = Self.source(position, original, readers, batch: batch)
      absorbed.formUnion(source.absorbed + [source.main.node])
      let op = Self.op(source, original, batch: batch)
      let first = parameters.count
      let main = original.nodes[source.main.node]
      parameters += Self.parameters(op, source, original)
      folded[source.main.last] = Value(index: nodes.count)
      nodes.append(
        Graph.Node(
          name: main.name, op: op,
          inputs: (node.inputs.map(\.index) + source.addends).compactMap { folded[$0] },
          output: main.output, parameters: first..<parameters.count))
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

  private static func source(
    _ position: Int, _ graph: Graph, _ readers: [[Int]], batch: Int
  ) -> Source {
    let chain = chain(position, graph, readers, batch: batch)
    guard let depthwise = graph.nodes[position].op as? DepthwiseConvolution,
      let reader = onlyReader(of: chain, graph, readers),
      let pointwise = graph.nodes[reader].op as? Convolution,
      pointwise.gains(
        by: depthwise, of: graph.inputShapes(of: graph.nodes[position])[0], batch: batch)
    else { return Source(main: chain) }
    // What it adds would come between its pixels from beyond the cache: a pass by itself is as fast.
    return Source(
      producer: chain, main: self.chain(reader, graph, readers, batch: batch, canAdd: false))
  }

  private static func chain(
    _ position: Int, _ graph: Graph, _ readers: [[Int]], batch: Int, canAdd: Bool = true
  ) -> Chain {
    var chain = Chain(node: position)
    let node = graph.nodes[position]
    guard let op = node.op as? any PackableOp else { return chain }
    let kernel = op.packableKernel(batch: batch, input: graph.inputShapes(of: node)[0])
    if let reader = onlyReader(of: chain, graph, readers),
      graph.nodes[reader].op is BatchNormalization
    {
      chain.normalization = reader
    }
    if canAdd, let reader = onlyReader(of: chain, graph, readers),
      graph.nodes[reader].op is Addition,
      kernel.adds,
      let addend = graph.nodes[reader].inputs.first(where: { $0.index != chain.last })?.index,
      addend < position
    {
      chain.addition = (reader, addend)
    }
    if let reader = onlyReader(of: chain, graph, readers),
      let activation = graph.nodes[reader].op.activation, kernel.canApply(activation)
    {
      chain.activation = reader
    }
    return chain
  }

  private static func onlyReader(of chain: Chain, _ graph: Graph, _ readers: [[Int]]) -> Int? {
    let isOutput = chain.last == graph.output.index
    return isOutput || readers[chain.last].count != 1 ? nil : readers[chain.last][0]
  }

  private static func op(_ source: Source, _ graph: Graph, batch: Int) -> any Op {
    let op = graph.nodes[source.main.node].op
    guard let base = op as? any PackableOp else { return op }
    var packed = PackedOp(
      base: base, batch: batch, activation: activation(source.main, graph),
      absorbed: source.absorbed.map { graph.nodes[$0].name }, adds: source.main.addition != nil)
    if let producer = source.producer {
      let node = graph.nodes[producer.node]
      packed.producer = (node.op as? DepthwiseConvolution).map {
        PackedOp.Producer(op: $0, output: node.output, activation: activation(producer, graph))
      }
    }
    return packed
  }

  private static func activation(_ chain: Chain, _ graph: Graph) -> Activation? {
    chain.activation.flatMap { graph.nodes[$0].op.activation }
  }

  private static func parameters(
    _ op: any Op, _ source: Source, _ graph: Graph
  ) -> [Parameter] {
    let node = graph.nodes[source.main.node]
    guard op is PackedOp else { return Array(graph.parameters[node.parameters]) }
    let inputs = graph.inputShapes(of: graph.nodes[source.first])
    return op.parameters(for: inputs).map { parameter in
      var parameter = parameter
      parameter.path = "\(node.name)/\(parameter.path)"
      return parameter
    }
  }
}
