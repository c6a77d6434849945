import Engine

/// What a plan must keep, worked out again from the graph and the plan's public numbers, which a
/// test may spoil first.
public struct PlanCheck {
  public var buffers: [Plan.Buffer]
  public var nodes: [Plan.NodeBuffers]
  public var arenaCount: Int
  private let graph: Graph
  private let mode: Plan.Mode
  private let batch: Int
  private let demands: [OpDemands]

  public init(_ graph: Graph, _ plan: Plan) {
    self.graph = graph
    buffers = plan.buffers
    nodes = plan.nodes
    arenaCount = plan.arenaCount
    mode = plan.mode
    batch = plan.batch
    demands = graph.nodes.map { node in
      node.op.demands(
        inputs: graph.inputShapes(of: node), output: node.output, batch: plan.batch,
        threads: plan.threads)
    }
  }

  public static func findings(_ graph: Graph, _ plan: Plan) -> [String] {
    PlanCheck(graph, plan).findings
  }

  public var findings: [String] { overlaps() + absences() + overwrites() }

  /// Buffers alive at the same step that share memory, and such as lie outside the arena or between
  /// cache lines.
  private func overlaps() -> [String] {
    var findings: [String] = []
    for (index, first) in buffers.enumerated() {
      if first.offset % 16 != 0 || first.offset < 0 || first.count < 1
        || first.offset + first.count > arenaCount || first.firstStep > first.lastStep
      {
        findings.append("\(first.label) lies at \(first.offset), \(first.count) floats long")
      }
      for second in buffers.dropFirst(index + 1)
      where first.firstStep <= second.lastStep && second.firstStep <= first.lastStep
        && first.offset < second.offset + second.count
        && second.offset < first.offset + first.count
      {
        findings.append("\(first.label) and \(second.label) share memory")
      }
    }
    return findings
  }

  /// Something that an op needs at a step.
  private struct Need {
    var buffer: Int?
    var floats: Int
    var step: Int
    var what: String
  }

  /// Buffers that are missing, too short or dead when an op needs them.
  private func absences() -> [String] {
    let last = mode == .training ? 2 * graph.nodes.count : graph.nodes.count
    let logits = Need(
      buffer: nodes[graph.output.index].output, floats: batch * graph.outputShape.count,
      step: last, what: "the logits")
    let needs = graph.nodes.indices.flatMap { forwardNeeds($0) + backwardNeeds($0) } + [logits]
    return needs.compactMap { need in
      guard let index = need.buffer, buffers.indices.contains(index) else {
        return "\(need.what) has no buffer"
      }
      let buffer = buffers[index]
      let isThere = buffer.firstStep <= need.step && need.step <= buffer.lastStep
      guard isThere, buffer.count >= need.floats else {
        return "\(need.what) is not there at step \(need.step)"
      }
      return nil
    }
  }

  private func output(_ position: Int, at step: Int) -> Need {
    let node = graph.nodes[position]
    return Need(
      buffer: nodes[position].output, floats: batch * node.output.count, step: step,
      what: node.name)
  }

  private func gradient(_ position: Int, at step: Int) -> Need {
    var need = output(position, at: step)
    need.buffer = nodes[position].gradient
    need.what += " gradient"
    return need
  }

  private func saved(_ position: Int, at step: Int) -> [Need] {
    guard demands[position].savedCount > 0 else { return [] }
    let name = graph.nodes[position].name
    return [
      Need(
        buffer: nodes[position].saved, floats: demands[position].savedCount, step: step,
        what: "\(name) saved")
    ]
  }

  private func forwardNeeds(_ position: Int) -> [Need] {
    let inputs = graph.nodes[position].inputs.map { output($0.index, at: position) }
    return [output(position, at: position)] + inputs + saved(position, at: position)
  }

  private func backwardNeeds(_ position: Int) -> [Need] {
    let learns = graph.parameters[graph.nodes[position].parameters].contains { $0.isTrainable }
    guard mode == .training, learns || nodes[position].gradient != nil else { return [] }
    let step = 2 * graph.nodes.count - position
    let inputs = graph.nodes[position].inputs.map(\.index)
    var needs = [gradient(position, at: step)] + saved(position, at: step)
    needs += inputs.filter { nodes[$0].gradient != nil }.map { gradient($0, at: step) }
    if demands[position].readsInputsInBackward { needs += inputs.map { output($0, at: step) } }
    if demands[position].readsOutputInBackward { needs.append(output(position, at: step)) }
    return needs
  }

  /// Ops that work in place though they must not: others read the lost numbers, or they are read
  /// again in the backward pass.
  private func overwrites() -> [String] {
    let readers = graph.readers
    return graph.nodes.enumerated().flatMap { position, node in
      node.inputs.filter { nodes[$0.index].output == nodes[position].output }.compactMap { input in
        func runsBackward(_ position: Int) -> Bool { nodes[position].gradient != nil }
        let isReadLater =
          (runsBackward(position) && demands[position].readsInputsInBackward)
          || (runsBackward(input.index) && demands[input.index].readsOutputInBackward)
        let isAllowed =
          !isReadLater && readers[input.index] == [position] && demands[position].worksInPlace
          && input != graph.input
        return isAllowed ? nil : "\(node.name) overwrites \(graph.nodes[input.index].name)"
      }
    }
  }
}
