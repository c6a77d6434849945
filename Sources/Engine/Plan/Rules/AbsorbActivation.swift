// SPDX-License-Identifier: Apache-2.0

/// An activation whose readers all can is applied by them as they read. They write the gradient of
/// what it was applied to, times its derivative.
struct AbsorbActivation: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for (position, node) in schedule.graph.nodes.enumerated() {
      guard case .activation(let activation) = node.op.prologue,
        schedule.canSee(position, activation == .relu ? .rectified : .activated),
        var view = schedule.forward[position]?.inputs[0],
        view.activation == nil, view.depthwise == nil
      else { continue }
      view.activation = position
      schedule.forward[position] = nil
      schedule.backward[position] = nil
      schedule.replace(position, by: view)
      schedule.change { step in
        for index in step.targets.indices
        where step.targets[index]?.operand == .gradient(position) {
          step.targets[index]?.operand = .gradient(node.inputs[0].index)
          step.targets[index]?.mask = view
        }
      }
    }
  }
}
