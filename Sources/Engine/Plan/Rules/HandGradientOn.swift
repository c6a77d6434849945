// SPDX-License-Identifier: Apache-2.0

/// The op before a batch norm makes the gradient of its own output as it reads that of the batch
/// norm, which then lies in memory alone.
struct HandGradientOn: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for position in schedule.batchStatistics {
      let producer = schedule.graph.nodes[position].inputs[0].index
      guard schedule.isStored(producer), schedule.readers[producer] == [position],
        schedule.demands[producer].takesGradientViews
      else { continue }
      schedule.backward[position]?.targets = [nil]
      schedule.backward[producer]?.gradient = Plan.GradientSource(
        node: position, normalization: position)
    }
  }
}
