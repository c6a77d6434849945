// SPDX-License-Identifier: Apache-2.0

/// The steps of a graph, while rules rewrite them.
///
/// It begins as the plain lowering: every op runs forward by itself and, where something learns at or
/// before it, backward; every value and every gradient lies in memory.
struct Schedule {
  let graph: Graph
  let mode: Plan.Mode
  let batch: Int
  let threads: Int
  /// By value, the nodes that read it in the graph.
  let readers: [[Int]]
  /// By node, what its op asks for.
  var demands: [OpDemands]
  /// By node; nil where its readers do its work, and for the input, which is filled from outside.
  var forward: [Plan.Step?]
  /// By node; nil where there is nothing to learn, or others do its work.
  var backward: [Plan.Step?]
  /// Operands that take the place of another in memory.
  var places: [Operand: Operand] = [:]

  init(_ graph: Graph, mode: Plan.Mode, batch: Int, threads: Int) {
    self.graph = graph
    self.mode = mode
    self.batch = batch
    self.threads = threads
    readers = graph.readers
    demands = graph.nodes.map { node in
      node.op.demands(
        inputs: graph.inputShapes(of: node), output: node.output, batch: batch, threads: threads)
    }
    forward = graph.nodes.indices.map { Self.forwardStep($0, graph) }
    let isLearning = Self.learning(graph)
    backward = graph.nodes.indices.map { position in
      guard mode == .training, isLearning[position] else { return nil }
      return Self.backwardStep(position, graph, isLearning)
    }
  }

  private static func views(_ node: Graph.Node) -> [Plan.View] {
    node.inputs.map { Plan.View(source: $0.index) }
  }

  private static func forwardStep(_ position: Int, _ graph: Graph) -> Plan.Step? {
    guard position != graph.input.index else { return nil }
    return Plan.Step(
      pass: .forward, node: position, inputs: views(graph.nodes[position]),
      targets: [Plan.Target(.output(position))])
  }

  private static func backwardStep(
    _ position: Int, _ graph: Graph, _ isLearning: [Bool]
  ) -> Plan.Step {
    let node = graph.nodes[position]
    return Plan.Step(
      pass: .backward, node: position, inputs: views(node),
      gradient: Plan.GradientSource(node: position),
      targets: node.inputs.map {
        isLearning[$0.index] ? Plan.Target(.gradient($0.index)) : nil
      })
  }

  /// By node, whether a trainable parameter stands at or before it.
  private static func learning(_ graph: Graph) -> [Bool] {
    var isLearning: [Bool] = []
    for node in graph.nodes {
      let learns = graph.parameters[node.parameters].contains(where: \.isTrainable)
      isLearning.append(learns || node.inputs.contains { isLearning[$0.index] })
    }
    return isLearning
  }
}

// MARK: What rules ask and do

extension Schedule {
  /// Whether a node's output lies in memory.
  func isStored(_ node: Int) -> Bool {
    node == graph.input.index || forward[node]?.targets[0] != nil
  }

  /// The op that alone reads a node's output, once; nil for the graph's output, which whoever runs it
  /// reads.
  func onlyReader(of node: Int) -> Int? {
    node == graph.output.index || readers[node].count != 1 ? nil : readers[node][0]
  }

  /// The nodes of which a step sees a node's output.
  func viewers(of node: Int) -> [Int] {
    graph.nodes.indices.filter { position in
      [forward[position], backward[position]].contains { step in
        step?.inputs.contains { $0.source == node } ?? false
      }
    }
  }

  /// Whether all that see a node's output can do so in a way, and nobody else wants it.
  func canSee(_ node: Int, _ support: ViewSupport) -> Bool {
    node != graph.output.index && viewers(of: node).allSatisfy { demands[$0].views >= support }
  }

  /// Lets all that see a node's output see another view in its stead, which is the same.
  mutating func replace(_ node: Int, by view: Plan.View) {
    change { step in
      for index in step.inputs.indices where step.inputs[index].source == node {
        let depthwise = step.inputs[index].depthwise
        step.inputs[index] = view
        step.inputs[index].depthwise = depthwise
      }
    }
  }

  /// Changes every step.
  mutating func change(_ body: (inout Plan.Step) -> Void) {
    func changed(_ step: Plan.Step) -> Plan.Step {
      var step = step
      body(&step)
      return step
    }
    forward = forward.map { $0.map(changed) }
    backward = backward.map { $0.map(changed) }
  }

  /// The nodes that write a gradient, in the order of the graph, the reverse of time; a node that
  /// writes twice stands twice.
  func writers(of gradient: Operand) -> [Int] {
    graph.nodes.indices.flatMap { node in
      let targets = backward[node]?.targets ?? []
      return targets.filter { $0?.operand == gradient }.map { _ in node }
    }
  }
}
