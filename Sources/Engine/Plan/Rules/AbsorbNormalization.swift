// SPDX-License-Identifier: Apache-2.0

/// A batch norm whose readers all can is applied by them as they read. What is left of it prepares
/// the vectors that they apply.
struct AbsorbNormalization: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for (position, node) in schedule.graph.nodes.enumerated() {
      guard case .normalization = node.op.prologue, schedule.canSee(position, .normalized),
        var view = schedule.forward[position]?.inputs[0], view.absorbed.isEmpty
      else { continue }
      view.normalization = position
      schedule.forward[position]?.targets = [nil]
      schedule.replace(position, by: view)
    }
  }
}
