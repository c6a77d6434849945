import Engine

/// What a plan must keep, worked out again from the graph and the plan's public numbers.
public enum PlanCheck {
  public static func findings(_ graph: Graph, _ plan: Plan) -> [String] {
    overlaps(plan) + presences(graph, plan) + overwrites(graph, plan)
  }

  /// No two buffers alive at the same step share memory; all lie inside the arena, on cache lines.
  static func overlaps(_ plan: Plan) -> [String] {
    var findings: [String] = []
    for (index, first) in plan.buffers.enumerated() {
      if first.offset % 16 != 0 || first.offset < 0 || first.count < 1
        || first.offset + first.count > plan.arenaCount || first.firstStep > first.lastStep
      {
        findings.append("\(first.label) lies at \(first.offset), \(first.count) floats long")
      }
      for second in plan.buffers.dropFirst(index + 1)
      where first.firstStep <= second.lastStep && second.firstStep <= first.lastStep
        && first.offset < second.offset + second.count
        && second.offset < first.offset + first.count
      {
        findings.append("\(first.label) and \(second.label) share memory")
      }
    }
    return findings
  }

  /// Every buffer is long enough and alive whenever an op or its backward pass needs it.
  static func presences(_ graph: Graph, _ plan: Plan) -> [String] {
    var findings: [String] = []
    let count = graph.nodes.count
    func require(_ buffer: Int?, _ floats: Int, at step: Int, _ what: String) {
      guard let buffer, plan.buffers.indices.contains(buffer) else {
        findings.append("\(what) has no buffer")
        return
      }
      let found = plan.buffers[buffer]
      if found.firstStep > step || found.lastStep < step || found.count < floats {
        findings.append("\(what) is not there at step \(step)")
      }
    }
    for (position, node) in graph.nodes.enumerated() {
      let own = plan.nodes[position]
      let demands = node.op.demands(
        inputs: graph.inputShapes(of: node), output: node.output, batch: plan.batch,
        threads: plan.threads)
      let backward = 2 * count - position
      let hasGradient = own.gradient != nil
      require(own.output, plan.batch * node.output.count, at: position, node.name)
      if demands.savedCount > 0 {
        require(own.saved, demands.savedCount, at: position, "\(node.name) saved")
      }
      for input in node.inputs {
        let name = graph.nodes[input.index].name
        let floats = plan.batch * graph.nodes[input.index].output.count
        require(plan.nodes[input.index].output, floats, at: position, name)
        guard hasGradient else { continue }
        if demands.readsInputsInBackward {
          require(plan.nodes[input.index].output, floats, at: backward, name)
        }
        if let gradient = plan.nodes[input.index].gradient {
          require(gradient, floats, at: backward, "\(name) gradient")
        }
      }
      guard hasGradient else { continue }
      require(
        own.gradient, plan.batch * node.output.count, at: backward, "\(node.name) gradient")
      if demands.readsOutputInBackward {
        require(own.output, plan.batch * node.output.count, at: backward, node.name)
      }
      if demands.savedCount > 0 {
        require(own.saved, demands.savedCount, at: backward, "\(node.name) saved")
      }
    }
    require(
      plan.nodes[graph.output.index].output, plan.batch * graph.outputShape.count, at: count,
      "the logits")
    return findings
  }

  /// Whoever works in place is the only reader, and nobody reads the lost numbers later.
  static func overwrites(_ graph: Graph, _ plan: Plan) -> [String] {
    let readers = graph.readers
    var findings: [String] = []
    for (position, node) in graph.nodes.enumerated() {
      for input in node.inputs
      where plan.nodes[input.index].output == plan.nodes[position].output {
        let lost = graph.nodes[input.index]
        func demands(_ node: Graph.Node) -> OpDemands {
          node.op.demands(
            inputs: graph.inputShapes(of: node), output: node.output, batch: plan.batch,
            threads: plan.threads)
        }
        let isReadLater =
          plan.mode == .training
          && (demands(node).readsInputsInBackward || demands(lost).readsOutputInBackward)
        let others = readers[input.index].filter { $0 != position }
        if isReadLater || !others.isEmpty || !demands(node).worksInPlace || input == graph.input {
          findings.append("\(node.name) overwrites \(lost.name)")
        }
      }
    }
    return findings
  }
}
