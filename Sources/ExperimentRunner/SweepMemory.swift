// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Settings
import Training

/// How many runs of a sweep go side by side in the memory that there is.
///
/// Any of the runs may meet any other, so as many as go side by side must fit if they are those that
/// take most.
public struct SweepMemory {
  /// Runs that differ in their seed alone take the same.
  private struct Kind: Hashable {
    var network: JSON
    var training: TrainingSettings
    var data: DatasetDescription
    var transfer: Transfer?

    init(_ run: PlannedRun) {
      (network, training, data) = (run.network.settings, run.training, run.data)
      transfer = run.transfer
    }
  }

  private let kinds: [(run: PlannedRun, count: Int)]
  private let free: FreeMemory
  /// Threads of each process, for a number of processes.
  private let threads: (_ jobs: Int) -> Int

  public init(_ runs: [PlannedRun], free: FreeMemory, threads: @escaping (_ jobs: Int) -> Int) {
    kinds = Dictionary(grouping: runs, by: Kind.init).values.map { ($0[0], $0.count) }
    self.free = free
    self.threads = threads
  }

  /// The most that go side by side.
  ///
  /// - Parameter most: as many as there are processors, say; at least 1.
  /// - Throws: where not even one run has enough, with the run that takes most.
  public func jobs(atMost most: Int) throws(MemoryShortage) -> Int {
    var known: [Int: [Int]] = [:]
    for jobs in stride(from: most, to: 1, by: -1) {
      let threads = threads(jobs)
      let demands = known[threads] ?? demands(threads: threads, atMost: most)
      known[threads] = demands
      if MemoryDemand.sum(Array(demands.prefix(jobs))) <= free.bytes,
        demands.first ?? 0 <= free.ofProcess(threads: threads).bytes
      {
        return jobs
      }
    }
    try checkOne()
    return 1
  }

  /// Checks a number that the user chose.
  ///
  /// - Throws: where so many runs have not enough, with the number that has.
  public func check(jobs chosen: Int) throws(MemoryShortage) {
    let fitting = try jobs(atMost: chosen)
    guard fitting < chosen else { return }
    let demands = demands(threads: threads(chosen), atMost: chosen)
    try MemoryShortage.check(
      "\(chosen) runs side by side take", bytes: MemoryDemand.sum(demands), free: free,
      remedy: fitting == 1 ? "one at a time fits" : "\(fitting) fit")
  }

  /// Bytes of the runs that take most, the largest first.
  private func demands(threads: Int, atMost most: Int) -> [Int] {
    let all = kinds.flatMap { run, count in
      Array(repeating: bytes(run, threads: threads), count: min(count, most))
    }
    return Array(all.sorted(by: >).prefix(most))
  }

  private func bytes(_ run: PlannedRun, batch: Int? = nil, threads: Int) -> Int {
    let demand = TrainingDemand(
      run.graph, run.training, batch: batch, data: run.data, threads: threads)
    // A checkpoint is a file in memory before it is one on the disk.
    return MemoryDemand.sum([demand.bytes, demand.snapshotBytes, MemoryDemand.processBytes])
  }

  private func checkOne() throws(MemoryShortage) {
    let threads = threads(1)
    let all = kinds.map { (run: $0.run, bytes: bytes($0.run, threads: threads)) }
    guard let largest = all.max(by: { $0.bytes < $1.bytes })?.run else { return }
    let name =
      largest.point.hasPrefix(largest.graph.name)
      ? largest.point : "\(largest.graph.name), \(largest.point)"
    try MemoryShortage.check(
      "\(name): training", batch: largest.training.batch, free: free.ofProcess(threads: threads)
    ) { batch in
      bytes(largest, batch: batch, threads: threads)
    }
  }
}
