// SPDX-License-Identifier: Apache-2.0

/// The op that finishes the gradient of a batch norm's output, or of a sum that it alone goes into,
/// whose gradient is the same, gathers the batch norm's two sums while it is in the cache.
struct GatherSums: Rule {
  func rewrite(_ schedule: inout Schedule) {
    for position in schedule.batchStatistics {
      var summed = position
      while let reader = schedule.readers[summed].first, schedule.readers[summed].count == 1,
        schedule.demands[reader].sharesGradient
      {
        summed = reader
      }
      let gradient = Operand.gradient(summed)
      let writers = schedule.writers(of: gradient)
      // Backward, the first reader comes last and finds the sum complete but for its own share.
      guard let last = writers.first, writers.dropFirst().first != last,
        schedule.demands[last].sumTiles > 0,
        let target = schedule.backward[last]?.targets[0], target.operand == gradient,
        target.gathersFor == nil
      else { continue }
      schedule.backward[last]?.targets[0]?.gathersFor = position
      schedule.backward[position]?.gatherer = last
    }
  }
}
