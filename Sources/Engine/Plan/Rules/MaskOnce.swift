// SPDX-License-Identifier: Apache-2.0

/// Where several ops add up the gradient of what one activation was applied to, the last of them
/// multiplies the sum by the derivative, instead of each its own share.
struct MaskOnce: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for (position, node) in schedule.graph.nodes.enumerated() {
      guard case .activation = node.op.prologue, schedule.forward[position] == nil else { continue }
      let gradient = Operand.gradient(node.inputs[0].index)
      let writers = schedule.writers(of: gradient)
      // Backward, the first reader comes last.
      guard let last = writers.first, schedule.demands[last].masking == .ofSums else { continue }
      let targets = writers.flatMap { schedule.backward[$0]?.targets ?? [] }
        .filter { $0?.operand == gradient }
      guard let mask = targets[0]?.mask, targets.allSatisfy({ $0?.mask == mask }) else { continue }
      schedule.change { step in
        let indices = step.targets.indices.filter { step.targets[$0]?.operand == gradient }
        for index in indices {
          // An op that read the value twice writes twice.
          let isLast = step.node == last && index == indices.last
          step.targets[index]?.mask = isLast ? mask : nil
          step.targets[index]?.masksSum = isLast
        }
      }
    }
  }
}
