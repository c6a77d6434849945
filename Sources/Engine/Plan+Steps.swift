extension Plan {
  /// One pass of one node, in the order in which they run.
  public struct Step: Sendable {
    public enum Pass: String, Sendable {
      case forward
      case loss
      case backward
    }

    public var name: String
    public var kind: String
    public var pass: Pass
    /// What other ops' work it does on the way.
    public var absorbs: [String]
    /// Read from and written to memory, each tensor counted once.
    public var bytes: Int
    public var multiplyAdds: Int
  }

  func runsForward(_ graph: Graph, _ position: Int) -> Bool {
    position != graph.input.index
      && (!fusion.isAbsorbed(position) || graph.nodes[position].op is BatchNormalization)
  }

  func runsBackward(_ position: Int) -> Bool {
    nodes[position].gradient != nil && fusion.gradientOwner[position] == position
  }

  /// What runs in a step.
  public func steps(_ graph: Graph, hasLoss: Bool) -> [Step] {
    let nodes = graph.nodes
    var steps = nodes.indices.filter { runsForward(graph, $0) }.map { forwardStep(graph, $0) }
    if hasLoss {
      steps.append(
        Step(
          name: "loss", kind: "loss", pass: .loss, absorbs: [],
          bytes: 4 * batch * graph.outputShape.count, multiplyAdds: 0))
    }
    guard mode == .training else { return steps }
    steps += nodes.indices.reversed().filter(runsBackward).map { backwardStep(graph, $0) }
    return steps
  }

  private func floats(_ graph: Graph, _ position: Int) -> Int {
    batch * graph.nodes[position].output.count
  }

  private func forwardStep(_ graph: Graph, _ position: Int) -> Step {
    let node = graph.nodes[position]
    var absorbs = node.op.absorbed
    var count = graph.parameters[node.parameters].reduce(0) { $0 + $1.count }
    if fusion.isAbsorbed(position) {
      // A batch norm that its readers apply reads memory only for moments that nobody gathered.
      if mode == .training && fusion.momentsFrom[position] == nil {
        count += floats(graph, position)
      }
    } else {
      for input in node.inputs {
        let view = fusion.views[input.index]
        count += floats(graph, view.source)
        if let normalization = view.normalization {
          absorbs.append(graph.nodes[normalization].name)
        }
        if let rectifier = rectifier(graph, input.index) { absorbs.append(rectifier) }
        if let depthwise = view.depthwise { absorbs.append(graph.nodes[depthwise].name) }
      }
      count += floats(graph, position)
    }
    if let reader = fusion.momentsFrom.firstIndex(of: position) {
      absorbs.append("moments of \(graph.nodes[reader].name)")
    }
    return Step(
      name: node.name, kind: node.op.kind, pass: .forward, absorbs: absorbs, bytes: 4 * count,
      multiplyAdds: node.inputs.reduce(multiplyAdds(graph, position)) { sum, input in
        sum + (fusion.views[input.index].depthwise.map { multiplyAdds(graph, $0) } ?? 0)
      })
  }

  /// The name of the ReLU that a view of a node applies.
  private func rectifier(_ graph: Graph, _ position: Int) -> String? {
    guard fusion.views[position].isRectified else { return nil }
    let node = graph.nodes[position]
    return node.op is ReLU ? node.name : rectifier(graph, node.inputs[0].index)
  }

  private func multiplyAdds(_ graph: Graph, _ position: Int) -> Int {
    let node = graph.nodes[position]
    return batch * node.op.multiplyAdds(inputs: graph.inputShapes(of: node), output: node.output)
  }

  private func backwardStep(_ graph: Graph, _ position: Int) -> Step {
    let node = graph.nodes[position]
    var absorbs: [String] = []
    var count = floats(graph, position)
    var passes = graph.parameters[node.parameters].contains(where: \.isTrainable) ? 1 : 0
    if fusion.producerMakesGradient[position] {
      // What is left are the sums, if nobody gathered them.
      count = fusion.sumsFrom[position] == nil ? 2 * count : 0
    } else {
      for input in node.inputs {
        let view = fusion.views[input.index]
        let isMasked = view.isRectified && !demands[position].masksWithoutInput
        if demands[position].readsInputsInBackward || isMasked {
          count += floats(graph, view.source)
        }
        if let depthwise = view.depthwise {
          absorbs.append("\(graph.nodes[depthwise].name), made again")
        }
        if nodes[input.index].gradient != nil {
          count += floats(graph, input.index)
          passes += input == node.inputs[0] ? 1 : 0
        }
        if let rectifier = rectifier(graph, input.index) { absorbs.append(rectifier) }
      }
    }
    for (reader, other) in graph.nodes.enumerated() {
      if fusion.producerMakesGradient[reader] && other.inputs[0].index == position {
        count += floats(graph, position)
        absorbs.append(other.name)
      }
      if fusion.sumsFrom[reader] == position { absorbs.append("sums of \(other.name)") }
    }
    return Step(
      name: node.name, kind: node.op.kind, pass: .backward, absorbs: absorbs, bytes: 4 * count,
      multiplyAdds: passes * multiplyAdds(graph, position))
  }
}
