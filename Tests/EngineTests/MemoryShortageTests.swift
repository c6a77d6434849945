// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Engine

/// What is refused for want of memory, and what the refusal says.
@Suite struct MemoryShortageTests {
  private func shortage(
    batch: Int, free: Int, bytes: (Int) -> Int = { 100 + 10 * $0 }
  ) -> MemoryShortage? {
    do throws(MemoryShortage) {
      try MemoryShortage.check(
        "net: training", batch: batch, free: FreeMemory(bytes: free), bytes: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test func whatFitsToTheByteIsNotRefused() {
    #expect(shortage(batch: 8, free: 180) == nil)
    #expect(shortage(batch: 8, free: 179) != nil)
  }

  @Test(arguments: [(179, "batch 7 fits"), (110, "batch 1 fits"), (109, "not even batch 1 fits")])
  func theLargestBatchThatFitsIsNamed(_ free: Int, _ remedy: String) {
    #expect(shortage(batch: 8, free: free)?.remedy == remedy)
    #expect(shortage(batch: 1_000_000_000_000, free: free)?.remedy == remedy)
  }

  @Test func theMessageNamesWorkBatchDemandAndWhatThereIs() {
    let texts = [(22_300_000_000, 96), (812_000_000, 3), (5_120_000_000_000, 22_068)].map {
      shortage(batch: 50_000, free: $0.0) { 232_000_000 * $0 }?.description
    }
    #expect(
      texts == [
        "net: training with batch 50000 takes 11.6 TB; 22.3 GB are free; batch 96 fits",
        "net: training with batch 50000 takes 11.6 TB; 812.0 MB are free; batch 3 fits",
        "net: training with batch 50000 takes 11.6 TB; 5.1 TB are free; batch 22068 fits",
      ])
  }

  // MARK: Demands

  private static func graph(side: Int = 8) throws -> Graph { try PlanTests.network(side: side) }

  private static func bytes(
    _ graph: Graph, batch: Int, mode: Plan.Mode = .training, slots: Int = 1, fuses: Bool = true
  ) -> Int {
    MemoryDemand(graph, mode: mode, batch: batch, threads: 2, slots: slots, fuses: fuses).bytes
  }

  @Test func sizesBeyondCountingAreRefusedLikeAnyOther() throws {
    let graph = try Self.graph()
    for batch in [1_000_000_000_000, .max] {
      #expect(Self.bytes(graph, batch: batch) == .max)
      let error = shortage(batch: batch, free: 1 << 34) { Self.bytes(graph, batch: $0) }
      let fitting = error?.remedy.split(separator: " ").compactMap { Int($0) }.first ?? 0
      #expect(fitting > 0)
      #expect(Self.bytes(graph, batch: fitting) <= 1 << 34)
      #expect(Self.bytes(graph, batch: fitting + 1) > 1 << 34)
      #expect(
        error?.description
          == "net: training with batch \(batch) takes more than can be counted; 17.2 GB are free; "
          + "batch \(fitting) fits")
    }
    #expect(MemoryDemand.sum([.max, .max, 3]) == .max)
    #expect(MemoryDemand.sum([1, 2, 3]) == 6)
  }

  /// The demand is what an executor and its parameters then take, to the byte.
  @Test(arguments: [Plan.Mode.training, .inference], [true, false])
  func theDemandIsWhatIsTaken(_ mode: Plan.Mode, _ fuses: Bool) throws {
    let graph = try Self.graph()
    for batch in [1, 5] {
      let demand = MemoryDemand(
        graph, mode: mode, batch: batch, threads: 2, slots: 2, fuses: fuses)
      let plan = Plan(graph, mode: mode, batch: batch, threads: 2, fuses: fuses)
      let memory = try ParameterMemory(graph)
      #expect(demand.arenaBytes == plan.arenaBytes)
      #expect(demand.parameterBytes == 4 * memory.all.count)
      #expect(demand.learningBytes == (mode == .training ? 12 * memory.trainableLength : 0))
    }
  }

  @Test func largerBatchesTakeMore() throws {
    let graph = try Self.graph()
    for mode in [Plan.Mode.training, .inference] {
      let demands = (1...40).map { Self.bytes(graph, batch: $0, mode: mode) }
      #expect(demands == demands.sorted())
      #expect(Set(demands).count == 40)
    }
  }
}
