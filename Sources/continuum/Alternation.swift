// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo

/// Training steps of several networks, measured by turns.
///
/// Every round takes one step of each, beginning with another one each time: a machine that is busy
/// for a while is busy for all. Two steps of each warm up.
struct Alternation {
  /// Milliseconds of a step.
  struct Result {
    let median: Double
    /// Between which the middle half of the rounds lies.
    let quartiles: ClosedRange<Double>

    init(_ times: [Double]) {
      let sorted = times.sorted()
      func quantile(_ share: Double) -> Double {
        let place = share * Double(sorted.count - 1)
        let low = Int(place)
        let rest = place - Double(low)
        return sorted[low] + rest * (sorted[min(low + 1, sorted.count - 1)] - sorted[low])
      }
      median = quantile(0.5)
      quartiles = quantile(0.25)...quantile(0.75)
    }
  }

  let input: Shape
  let classes: Int
  let batch: Int
  let rounds: Int
  let context: Context

  /// - Throws: where the machine has less memory than they take together.
  func measured(_ networks: [NetworkDescription]) throws -> [Result] {
    let graphs = try networks.map { try $0.graph(input: input, classes: classes) }
    for graph in graphs { try graph.checkBatchStatistics(batch: batch) }
    try MemoryShortage.check(
      "a training step of each of \(graphs.count) networks", batch: batch, free: .now
    ) { batch in
      MemoryDemand.sum(
        graphs.map {
          MemoryDemand($0, mode: .training, batch: batch, threads: context.threads).bytes
        } + [MemoryDemand.processBytes])
    }
    let benchmarks = try graphs.map {
      try Benchmark($0, mode: .train, batch: batch, fuses: true, context: context)
    }
    for benchmark in benchmarks { for round in 0..<2 { benchmark.step(round) } }
    var times = Array(repeating: [Double](), count: benchmarks.count)
    let clock = SuspendingClock()
    for round in 0..<rounds {
      for turn in benchmarks.indices {
        let index = (turn + round) % benchmarks.count
        let duration = clock.measure { benchmarks[index].step(round + 2) }
        times[index].append(duration / .milliseconds(1))
      }
    }
    return times.map(Result.init)
  }
}
