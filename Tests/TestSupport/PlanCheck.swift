// SPDX-License-Identifier: Apache-2.0

import Engine

/// Follows a plan step by step, as the executor does, and watches what lies where: every step must
/// find what it reads where the plan put it, written and not overwritten.
///
/// What steps read and write is taken from the plan; that it is all that the ops touch is shown by the
/// tests that compare numbers with and without shared memory. Buffers, and where operands lie, may be
/// spoiled first.
public struct PlanCheck {
  public var buffers: [Plan.Buffer]
  public var arenaCount: Int
  /// Where operands lie instead, for tests of this check; nil takes the memory away.
  public var places: [Operand: Int?] = [:]
  private let graph: Graph
  private let plan: Plan

  public init(_ graph: Graph, _ plan: Plan) {
    self.graph = graph
    self.plan = plan
    buffers = plan.buffers
    arenaCount = plan.arenaCount
  }

  public static func findings(_ graph: Graph, _ plan: Plan) -> [String] {
    PlanCheck(graph, plan).findings
  }

  public var findings: [String] { strays() + overlaps() + losses() }

  private func buffer(_ operand: Operand) -> Int? {
    places[operand] ?? plan.buffer(of: operand)
  }

  /// Buffers outside the arena or between cache lines.
  private func strays() -> [String] {
    buffers.filter { buffer in
      buffer.offset % 16 != 0 || buffer.offset < 0 || buffer.count < 1
        || buffer.offset + buffer.count > arenaCount || buffer.firstStep > buffer.lastStep
    }.map { "\($0.label) lies at \($0.offset), \($0.count) floats long" }
  }

  /// Buffers alive at the same step that share memory.
  private func overlaps() -> [String] {
    buffers.enumerated().flatMap { index, first in
      buffers.dropFirst(index + 1).filter { second in
        first.firstStep <= second.lastStep && second.firstStep <= first.lastStep
          && first.offset < second.offset + second.count
          && second.offset < first.offset + first.count
      }.map { "\(first.label) and \($0.label) share memory" }
    }
  }

  private func time(_ step: Plan.Step) -> Int {
    switch step.pass {
    case .forward: step.node
    case .loss: graph.nodes.count
    case .backward: 2 * graph.nodes.count - step.node
    }
  }

  /// Floats that an operand needs, as far as they follow from the graph.
  private func floats(_ operand: Operand) -> Int {
    switch operand {
    case .output(let node), .gradient(let node): plan.batch * graph.nodes[node].output.count
    case .saved(let node): plan.demands[node].savedCount
    case .scratch(let node, _): plan.demands[node].scratchCount
    case .moments(let node):
      plan.demands[graph.nodes[node].inputs[0].index].momentTiles
        * (2 * graph.nodes[node].output.channels + 1)
    case .sums(let node): 2 * graph.nodes[node].output.channels
    }
  }

  /// What steps miss: operands without a buffer, dead or short ones, and such as were overwritten.
  private func losses() -> [String] {
    var findings: [String] = []
    /// By buffer, the operands whose numbers lie there.
    var contents = buffers.map { _ in Set<Operand>() }
    func place(_ operand: Operand, at time: Int, _ what: String) -> Int? {
      guard let index = buffer(operand), buffers.indices.contains(index) else {
        findings.append("\(what) has no memory for \(operand)")
        return nil
      }
      let isAlive = buffers[index].firstStep <= time && time <= buffers[index].lastStep
      if !isAlive || buffers[index].count < floats(operand) {
        findings.append("\(operand) is dead or short when \(what) needs it")
      }
      return index
    }
    func read(_ operand: Operand, at time: Int, _ what: String) {
      guard let index = place(operand, at: time, what) else { return }
      if !contents[index].contains(operand) { findings.append("\(what) finds no \(operand)") }
    }
    let (images, logits) = (Operand.output(graph.input.index), Operand.output(graph.output.index))
    if let index = place(images, at: 0, "loading") { contents[index] = [images] }
    for step in plan.steps {
      let what = "\(step.pass.rawValue) of \(graph.nodes[step.node].name)"
      for operand in step.reads { read(operand, at: time(step), what) }
      for operand in step.writes {
        guard let index = place(operand, at: time(step), what) else { continue }
        contents[index] = after(step, operand, in: index, contents[index])
      }
    }
    let end = plan.mode == .training ? 2 * graph.nodes.count : graph.nodes.count
    read(logits, at: end, "the end")
    read(images, at: end, "the end")
    return findings
  }

  /// What lies in a buffer once a step has written an operand there. A sum passes its gradient on as
  /// it is, so that it may lie there under several names.
  private func after(
    _ step: Plan.Step, _ operand: Operand, in index: Int, _ contents: Set<Operand>
  ) -> Set<Operand> {
    let isPassedOn =
      step.pass == .backward && plan.demands[step.node].sharesGradient
      && buffer(.gradient(step.node)) == index && contents.contains(.gradient(step.node))
    return isPassedOn ? contents.union([operand]) : [operand]
  }
}
