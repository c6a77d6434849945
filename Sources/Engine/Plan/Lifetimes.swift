// SPDX-License-Identifier: Apache-2.0

/// When each operand of a schedule is first written and last read.
///
/// Time is counted in steps: node `i` of `n` runs forward at `i`, the loss at `n`, and node `i`
/// backward at `2n − i`.
struct Lifetimes {
  /// The first and the last step that need an operand.
  private(set) var spans: [Operand: ClosedRange<Int>] = [:]
  /// How often each is read and written.
  private(set) var reads: [Operand: Int] = [:]
  private(set) var writes: [Operand: Int] = [:]
  /// The last step.
  let end: Int
  private let count: Int

  init(_ schedule: Schedule) {
    let graph = schedule.graph
    count = graph.nodes.count
    end = schedule.mode == .training ? 2 * count : count
    for step in schedule.steps {
      let time = time(step)
      for operand in step.reads { reads[operand, default: 0] += 1 }
      for operand in step.writes { writes[operand, default: 0] += 1 }
      for operand in step.reads + step.writes { extend(operand, to: time) }
    }
    // The images are loaded before the first step and stay for a second look at a failed one; the
    // logits are read after the last.
    extend(.output(graph.input.index), to: 0)
    for value in [graph.input, graph.output] { extend(.output(value.index), to: end) }
  }

  private mutating func extend(_ operand: Operand, to time: Int) {
    let span = spans[operand] ?? time...time
    spans[operand] = min(span.lowerBound, time)...max(span.upperBound, time)
  }

  private func time(_ step: Plan.Step) -> Int {
    switch step.pass {
    case .forward: step.node
    case .loss: count
    case .backward: backwardStep(step.node)
    }
  }

  /// The step at which a node runs backward.
  func backwardStep(_ node: Int) -> Int { 2 * count - node }
}
