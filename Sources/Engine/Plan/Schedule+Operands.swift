// SPDX-License-Identifier: Apache-2.0

// What every step reads and writes follows from what its op asks for and from its prologue and
// epilogue; lifetimes, bytes, binding and the checker follow from that.
extension Schedule {
  /// The steps in the order of time, each with its operands.
  var steps: [Plan.Step] {
    let forward = forward.compactMap { $0 }.map(withForwardOperands)
    guard mode == .training else { return forward }
    return forward + [loss] + backward.reversed().compactMap { $0 }.map(withBackwardOperands)
  }

  private var loss: Plan.Step {
    let logits = graph.output.index
    let isLearning = backward[logits] != nil
    var step = Plan.Step(
      pass: .loss, node: logits, inputs: [Plan.View(source: logits)],
      targets: [isLearning ? Plan.Target(.gradient(logits)) : nil])
    step.reads = [.output(logits)]
    step.writes = isLearning ? [.gradient(logits)] : []
    return step
  }

  private func withForwardOperands(_ step: Plan.Step) -> Plan.Step {
    let node = step.node
    var step = step
    // A batch norm that its readers apply reads its input only for moments that nobody gathered.
    if isStored(node) || mode == .training && step.gatherer == nil {
      step.reads = step.inputs.flatMap(\.operands)
    }
    if step.gatherer != nil { step.reads.append(.moments(node)) }
    for target in step.targets.compactMap({ $0 }) {
      step.writes.append(target.operand)
      if let normalization = target.gathersFor { step.writes.append(.moments(normalization)) }
    }
    if demands[node].savedCount > 0 { step.writes.append(.saved(node)) }
    if demands[node].scratchCount > 0 { step.writes.append(.scratch(node, .forward)) }
    return step
  }

  private func withBackwardOperands(_ step: Plan.Step) -> Plan.Step {
    let (node, demands) = (step.node, demands[step.node])
    var step = step
    // A batch norm whose sums others gather, and whose input's gradient the op before makes, has
    // nothing left to do but to put the sums together.
    let isDone = step.gatherer != nil && step.targets == [nil]
    if let gradient = step.gradient, !isDone { step.reads += reads(gradient, of: node) }
    if demands.backwardReads.contains(.inputs), !isDone {
      step.reads += step.inputs.flatMap(\.operands)
    }
    if demands.backwardReads.contains(.output) { step.reads.append(.output(node)) }
    if demands.savedCount > 0 { step.reads.append(.saved(node)) }
    if step.gatherer != nil { step.reads.append(.sums(node)) }
    for target in step.targets.compactMap({ $0 }) {
      if demands.masking != .byItself { step.reads += target.mask?.operands ?? [] }
      step.writes.append(target.operand)
      guard let normalization = target.gathersFor else { continue }
      step.reads += activations(of: normalization)
      step.writes.append(.sums(normalization))
    }
    if demands.scratchCount > 0 { step.writes.append(.scratch(node, .backward)) }
    return step
  }

  private func reads(_ gradient: Plan.GradientSource, of node: Int) -> [Operand] {
    [.gradient(gradient.node)]
      + (gradient.normalization.map { activations(of: $0) } ?? [])
  }

  /// The input of a batch norm, and the vectors that it is compared with.
  private func activations(of normalization: Int) -> [Operand] {
    [.output(graph.nodes[normalization].inputs[0].index), .saved(normalization)]
  }

  /// Floats of an operand.
  func count(_ operand: Operand) -> Int {
    switch operand {
    case .output(let node), .gradient(let node): batch * graph.nodes[node].output.count
    case .saved(let node): demands[node].savedCount
    case .scratch(let node, _): demands[node].scratchCount
    case .moments(let node):
      (forward[node]?.gatherer).map {
        demands[$0].momentTiles * (2 * graph.nodes[node].output.channels + 1)
      } ?? 0
    case .sums(let node):
      (backward[node]?.gatherer).map {
        demands[$0].sumTiles * 2 * graph.nodes[node].output.channels
      } ?? 0
    }
  }
}
