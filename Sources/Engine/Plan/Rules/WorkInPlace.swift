// SPDX-License-Identifier: Apache-2.0

/// The output of an op that can work in place takes its input's memory, where nobody else reads that;
/// and its input's gradient that of the output's, where nobody else writes that.
struct WorkInPlace: Rule {
  func rewrite(_ schedule: inout Schedule) {
    let lifetimes = Lifetimes(schedule)
    for (position, node) in schedule.graph.nodes.enumerated()
    where schedule.demands[position].worksInPlace {
      let input = node.inputs[0].index
      let isFixed = input == schedule.graph.input.index || input == schedule.graph.output.index
      guard !isFixed else { continue }
      if schedule.isStored(position), schedule.isStored(input),
        lifetimes.reads[.output(input)] == 1
      {
        schedule.places[.output(position)] = .output(input)
      }
      let target = schedule.backward[position]?.targets[0]
      if let target, target.operand == .gradient(input), target.mask == nil,
        lifetimes.writes[.gradient(input)] == 1, lifetimes.reads[.gradient(position)] == 1,
        !schedule.demands[position].sharesGradient
      {
        schedule.places[.gradient(input)] = .gradient(position)
      }
    }
  }
}
