// SPDX-License-Identifier: Apache-2.0

extension Plan {
  /// A step for a person who looks where time goes.
  public struct ProfiledStep: Sendable {
    public var name: String
    public var kind: String
    public var pass: Step.Pass
    /// What other ops' work it does on the way.
    public var absorbs: [String]
    /// Read from and written to memory, each operand counted once, and its weights.
    public var bytes: Int
    public var multiplyAdds: Int
  }

  /// What runs in a step, in the order of time.
  ///
  /// - Parameters:
  ///   - graph: the one that is planned.
  ///   - hasLoss: whether inference is followed by the loss; training always is.
  public func profile(_ graph: Graph, hasLoss: Bool) -> [ProfiledStep] {
    let profiled = steps.map { profile($0, graph) }
    guard hasLoss, mode == .inference else { return profiled }
    let bytes = 4 * batch * graph.outputShape.count
    return profiled + [
      ProfiledStep(
        name: "loss", kind: "loss", pass: .loss, absorbs: [], bytes: bytes, multiplyAdds: 0)
    ]
  }

  private func profile(_ step: Step, _ graph: Graph) -> ProfiledStep {
    let node = graph.nodes[step.node]
    let isLoss = step.pass == .loss
    return ProfiledStep(
      name: isLoss ? "loss" : node.name, kind: isLoss ? "loss" : node.op.kind, pass: step.pass,
      absorbs: isLoss ? [] : absorbs(step, graph), bytes: bytes(step, graph),
      multiplyAdds: isLoss ? 0 : multiplyAdds(step, graph))
  }

  private func absorbs(_ step: Step, _ graph: Graph) -> [String] {
    func name(_ node: Int) -> String { graph.nodes[node].name }
    let isForward = step.pass == .forward
    var absorbs = isForward ? graph.nodes[step.node].op.absorbed : []
    if isForward && isStored(step.node) {
      absorbs += step.inputs.flatMap(\.absorbed).map(name)
    }
    if !isForward {
      absorbs += step.inputs.compactMap(\.depthwise).map { "\(name($0)), made again" }
      absorbs += step.targets.compactMap { $0?.mask?.activation }.map(name)
      if let normalization = step.gradient?.normalization { absorbs.append(name(normalization)) }
    }
    let gathered = step.targets.compactMap { $0?.gathersFor }
    return absorbs + gathered.map { (isForward ? "moments of " : "sums of ") + name($0) }
  }

  private func bytes(_ step: Step, _ graph: Graph) -> Int {
    let operands = Set(step.reads + step.writes).filter {
      if case .scratch = $0 { false } else { true }
    }
    let weights = graph.parameters[graph.nodes[step.node].parameters]
    let floats = operands.reduce(0) { $0 + (buffer(of: $1).map { buffers[$0].count } ?? 0) }
    return 4 * (floats + (step.pass == .loss ? 0 : weights.reduce(0) { $0 + $1.count }))
  }

  private func multiplyAdds(_ step: Step, _ graph: Graph) -> Int {
    let own = multiplyAdds(step.node, graph)
    guard step.pass == .backward else {
      return step.inputs.compactMap(\.depthwise).reduce(own) { $0 + multiplyAdds($1, graph) }
    }
    let learns = graph.parameters[graph.nodes[step.node].parameters].contains(where: \.isTrainable)
    return own * ((learns ? 1 : 0) + (step.targets[0] == nil ? 0 : 1))
  }

  private func multiplyAdds(_ position: Int, _ graph: Graph) -> Int {
    let node = graph.nodes[position]
    return batch * node.op.multiplyAdds(inputs: graph.inputShapes(of: node), output: node.output)
  }
}
