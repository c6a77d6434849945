// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import Testing
import Training

/// How many runs go side by side, and which are refused, for want of memory.
@Suite struct SweepMemoryTests {
  /// Four seeds of a narrow network and four of a wide one.
  private let runs: [PlannedRun]
  /// What a process takes with a narrow and with a wide one in its hands.
  private let narrow: Int
  private let wide: Int

  init() throws {
    runs = try ExperimentText.runs("seeds=[0, 1, 2, 3]", "vary={\"network.width\": [6, 600]}")
    try #require(runs.count == 8)
    func bytes(_ run: PlannedRun) -> Int { Self.bytes(run, threads: 1) }
    (narrow, wide) = (bytes(runs[0]), bytes(runs[7]))
    try #require(narrow < wide)
  }

  /// A training, its checkpoint as a file in memory, and the process.
  private static func bytes(_ run: PlannedRun, threads: Int) -> Int {
    let demand = TrainingDemand(run.graph, run.training, data: run.data, threads: threads)
    return demand.bytes + demand.snapshotBytes + 64 << 20
  }

  private func memory(_ runs: [PlannedRun]? = nil, free: Int) -> SweepMemory {
    SweepMemory(runs ?? self.runs, free: FreeMemory(bytes: free)) { _ in 1 }
  }

  @Test func asManyGoSideBySideAsFitWhenThoseThatTakeMostMeet() throws {
    for (free, jobs) in [
      (1 << 40, 6), (4 * wide + 2 * narrow, 6), (4 * wide + 2 * narrow - 1, 5), (4 * wide, 4),
      (4 * wide - 1, 3), (2 * wide, 2), (2 * wide - 1, 1), (wide, 1),
    ] {
      #expect(try memory(free: free).jobs(atMost: 6) == jobs, "\(free)")
    }
    #expect(try memory(free: wide).jobs(atMost: 1) == 1)
    #expect(try memory([], free: 0).jobs(atMost: 1) == 1)
    #expect(try memory([runs[0], runs[7]], free: wide + narrow).jobs(atMost: 2) == 2)
    #expect(try memory([runs[0], runs[7]], free: wide + narrow - 1).jobs(atMost: 2) == 1)
  }

  /// Fewer processes have more threads each, and threads have working memory of their own.
  @Test func threadsOfFewerProcessesAreCounted() throws {
    func bytes(_ threads: Int) -> Int { Self.bytes(runs[7], threads: threads) }
    try #require(bytes(8) > bytes(4))
    func jobs(_ free: Int) throws(MemoryShortage) -> Int {
      try SweepMemory(runs, free: FreeMemory(bytes: free)) { 8 / $0 }.jobs(atMost: 2)
    }
    #expect(try jobs(2 * bytes(4)) == 2)
    #expect(try jobs(bytes(8)) == 1)
    #expect(throws: MemoryShortage.self) { try jobs(bytes(8) - 1) }
  }

  /// A limit on addresses is every process's own, and is for its threads, too.
  @Test func aLimitOnAddressesHoldsForEachProcess() throws {
    func memory(_ addresses: Int, threads: Int = 1) -> SweepMemory {
      SweepMemory(runs, free: FreeMemory(bytes: 1 << 40, addressBytes: addresses)) { _ in threads }
    }
    let thread = AddressSpace.threadBytes
    #expect(try memory(wide + thread).jobs(atMost: 6) == 6)
    #expect(try memory(1 << 40, threads: 2).jobs(atMost: 6) == 6)
    let error = #expect(throws: MemoryShortage.self) {
      try memory(wide + thread - 1).jobs(atMost: 6)
    }
    #expect(error?.isOfAddresses == true && error?.freeBytes == wide - 1)
    #expect(error?.description.hasSuffix(" are left by ulimit -v; batch 15 fits") == true)
    let none = #expect(throws: MemoryShortage.self) { try memory(-1).jobs(atMost: 1) }
    #expect(none?.freeBytes == 0)
  }

  @Test func whereNotEvenOneFitsTheRunThatTakesMostIsNamed() throws {
    let error = #expect(throws: MemoryShortage.self) {
      try memory(free: wide - 1).jobs(atMost: 2)
    }
    #expect(error?.bytes == wide && error?.freeBytes == wide - 1)
    #expect(error?.work == "probe, width 600: training with batch 16 takes")
    #expect(error?.remedy == "batch 15 fits")
    let none = #expect(throws: MemoryShortage.self) { try memory(free: 1000).jobs(atMost: 2) }
    #expect(none?.remedy == "not even batch 1 fits")
  }

  @Test func aNumberOfJobsThatWasChosenIsNotChanged() throws {
    try memory(free: 4 * wide).check(jobs: 4)
    for (free, remedy) in [(4 * wide - 1, "3 fit"), (2 * wide - 1, "one at a time fits")] {
      let error = #expect(throws: MemoryShortage.self) { try memory(free: free).check(jobs: 4) }
      #expect(error?.work == "4 runs side by side take")
      #expect(error?.bytes == 4 * wide)
      #expect(error?.remedy == remedy)
    }
    #expect(throws: MemoryShortage.self) { try memory(free: wide - 1).check(jobs: 1) }
  }
}
