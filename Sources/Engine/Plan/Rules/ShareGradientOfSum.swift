// SPDX-License-Identifier: Apache-2.0

/// The gradients of a sum's inputs are the sum's own: one, or both where neither is changed before
/// the other has been read, take its memory.
struct ShareGradientOfSum: Rule {
  func rewrite(_ schedule: inout Schedule) {
    let lifetimes = Lifetimes(schedule)
    for position in schedule.graph.nodes.indices where schedule.demands[position].sharesGradient {
      share(position, &schedule, lifetimes)
    }
  }

  private func share(_ sum: Int, _ schedule: inout Schedule, _ lifetimes: Lifetimes) {
    let targets = schedule.backward[sum]?.targets ?? []
    let heirs = targets.compactMap { $0 }.filter { canBegin($0, of: sum, schedule) }.map(\.operand)
    let spans = heirs.map { span($0, of: sum, schedule, lifetimes) }
    if heirs.count == 2, spans[0].changed > spans[1].read, spans[1].changed > spans[0].read {
      for heir in heirs { schedule.places[heir] = .gradient(sum) }
    } else if let heir = heirs.first {
      schedule.places[heir] = .gradient(sum)
    }
  }

  /// Whether an input's gradient may begin in the memory of the sum's: nothing stands there yet, and
  /// the sum does not mask it.
  private func canBegin(_ target: Plan.Target, of sum: Int, _ schedule: Schedule) -> Bool {
    let writers = schedule.writers(of: target.operand)
    return writers.last == sum && writers.dropLast().last != sum && target.mask == nil
  }

  /// When an input's gradient is last read as it was, and when it is changed, at the earliest; what
  /// is never changed is so after everything was read.
  private func span(
    _ gradient: Operand, of sum: Int, _ schedule: Schedule, _ lifetimes: Lifetimes
  ) -> (read: Int, changed: Int) {
    let end = lifetimes.end
    if let next = schedule.writers(of: gradient).dropLast().last {
      return (end, lifetimes.backwardStep(next))
    }
    let read = lifetimes.spans[gradient]?.upperBound ?? end
    let isPassedOn = schedule.places.values.contains(gradient)
    return isPassedOn ? (end, read) : (read, end + 1)
  }
}
