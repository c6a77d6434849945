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
  private let fusion: Fusion

  public init(_ graph: Graph, _ plan: Plan) {
    self.graph = graph
    buffers = plan.buffers
    nodes = plan.nodes
    arenaCount = plan.arenaCount
    mode = plan.mode
    batch = plan.batch
    fusion = plan.fusion
    demands = plan.demands
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

  private func need(_ buffer: Int?, _ floats: Int, _ step: Int, _ what: String) -> Need {
    Need(buffer: buffer, floats: floats, step: step, what: what)
  }

  private func output(_ position: Int, at step: Int) -> Need {
    let node = graph.nodes[position]
    return need(nodes[position].output, batch * node.output.count, step, node.name)
  }

  private func gradient(_ position: Int, at step: Int) -> Need {
    var need = output(position, at: step)
    need.buffer = nodes[position].gradient
    need.what += " gradient"
    return need
  }

  private func saved(_ position: Int, at step: Int) -> [Need] {
    let count = demands[position].savedCount
    guard count > 0 else { return [] }
    return [need(nodes[position].saved, count, step, "\(graph.nodes[position].name) saved")]
  }

  /// What it takes to see a value.
  private func seen(_ value: Value, at step: Int) -> [Need] {
    let view = fusion.views[value.index]
    return [output(view.source, at: step)]
      + (view.normalization.map { saved($0, at: step) } ?? [])
  }

  /// What others gather for a batch norm, when it is written and when it is read.
  private func gathered(_ position: Int) -> [Need] {
    let node = graph.nodes[position]
    let backward = 2 * graph.nodes.count
    var needs: [Need] = []
    if let producer = fusion.momentsFrom[position] {
      let floats = demands[producer].momentTiles * (2 * node.output.channels + 1)
      needs += [producer, position].map {
        need(nodes[position].moments, floats, $0, "\(node.name) moments")
      }
    }
    if let writer = fusion.sumsFrom[position] {
      let floats = demands[writer].sumTiles * 2 * node.output.channels
      needs += [writer, position].map {
        need(nodes[position].sums, floats, backward - $0, "\(node.name) sums")
      }
    }
    return needs
  }

  private func forwardNeeds(_ position: Int) -> [Need] {
    let node = graph.nodes[position]
    if fusion.isAbsorbed(position) && !(node.op is BatchNormalization) { return [] }
    let inputs = node.inputs.flatMap { seen($0, at: position) }
    return [output(position, at: position)] + inputs + saved(position, at: position)
      + gathered(position)
  }

  private func backwardNeeds(_ position: Int) -> [Need] {
    let node = graph.nodes[position]
    let learns = graph.parameters[node.parameters].contains { $0.isTrainable }
    guard mode == .training, learns || nodes[position].gradient != nil,
      fusion.gradientOwner[position] == position
    else { return [] }
    let step = 2 * graph.nodes.count - position
    var needs = [gradient(position, at: step)] + saved(position, at: step)
    for input in node.inputs {
      if !fusion.producerMakesGradient[position], nodes[input.index].gradient != nil {
        needs.append(gradient(input.index, at: step))
      }
      let isMasked = fusion.views[input.index].isRectified && !demands[position].masksWithoutInput
      if demands[position].readsInputsInBackward || isMasked {
        needs += seen(input, at: step)
      }
    }
    if demands[position].readsOutputInBackward { needs.append(output(position, at: step)) }
    for (reader, other) in graph.nodes.enumerated()
    where fusion.producerMakesGradient[reader] && other.inputs[0].index == position {
      needs += [output(position, at: step), gradient(reader, at: step)] + saved(reader, at: step)
    }
    return needs
  }

  /// Ops that work in place though they must not: others read the lost numbers, or they are read
  /// again in the backward pass.
  private func overwrites() -> [String] {
    let readers = graph.readers
    return graph.nodes.enumerated().flatMap { position, node in
      let isStored = !fusion.isAbsorbed(position)
      return node.inputs.filter {
        isStored && nodes[$0.index].output == nodes[position].output
      }.compactMap { input in
        func runsBackward(_ position: Int) -> Bool { nodes[position].gradient != nil }
        let isReadLater =
          (runsBackward(position) && demands[position].readsInputsInBackward)
          || (runsBackward(input.index) && demands[input.index].readsOutputInBackward)
        let isAllowed =
          !isReadLater && !fusion.isAbsorbed(input.index) && readers[input.index] == [position]
          && demands[position].worksInPlace
          && input != graph.input
        return isAllowed ? nil : "\(node.name) overwrites \(graph.nodes[input.index].name)"
      }
    }
  }
}
