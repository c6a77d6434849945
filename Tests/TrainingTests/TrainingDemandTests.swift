// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ModelZoo
import Settings
import TestSupport
import Testing

@testable import Training

/// The memory of a whole training, told before it begins.
@Suite struct TrainingDemandTests {
  private static func data(_ json: JSON) throws -> DatasetDescription {
    var fields = try Fields(json, source: "test")
    return try DatasetDescription(&fields)
  }

  private static func demand(
    _ settings: JSON, _ data: JSON, batch: Int? = nil
  ) throws -> TrainingDemand {
    let data = try Self.data(data)
    let size = data.imageSize
    let input = Shape(height: size.height, width: size.width, channels: size.channels)
    let network = try NetworkDescription(["network": "probe", "width": 8], source: "test")
    return TrainingDemand(
      try network.graph(input: input, classes: 10), try TinyTask.settings(settings), batch: batch,
      data: data, threads: 1)
  }

  @Test func everyPartIsCounted() throws {
    let plain = try Self.demand(["batch": 8192], ["kind": "cifar-10"])
    #expect(plain.dataBytes == 60_000 * 3072 + 2 * 8192 * 3072 * 4)
    #expect(plain.loadingBytes == 2 * 60_000 * 3072)
    #expect(plain.averageBytes == 0)
    let learning = plain.step.learningBytes / 2
    #expect(plain.snapshotBytes == plain.step.parameterBytes + learning)
    #expect(
      plain.bytes == plain.step.bytes + plain.evaluationBytes + plain.snapshotBytes
        + plain.dataBytes)
    let averaged = try Self.demand(["batch": 8192, "averaging": 0.9], ["kind": "cifar-10"])
    #expect(averaged.averageBytes == averaged.step.parameterBytes)
    #expect(averaged.bytes == plain.bytes + 2 * averaged.averageBytes)
    let adam = try Self.demand(
      ["batch": 8192, "optimizer": ["kind": "adamw"]], ["kind": "cifar-10"])
    #expect(adam.bytes == plain.bytes + 2 * learning)
    let held = try Self.demand(["batch": 8192], ["kind": "cifar-10", "validation": 10_000])
    #expect(held.evaluationBytes == 2 * plain.evaluationBytes)
    #expect(held.dataBytes == plain.dataBytes)
  }

  @Test func whereImagesTakeMostLoadingThemDecides() throws {
    let large = try Self.demand(["batch": 1], ["train": 100_000, "test": 2000])
    #expect(large.bytes == 2 * 102_000 * 16 * 16 * 8 * 4)
  }

  @Test func absurdBatchesAreBeyondCounting() throws {
    for batch in [1_000_000_000_000, .max] {
      #expect(try Self.demand([:], ["kind": "cifar-10"], batch: batch).bytes == .max)
    }
    let batches = try [1, 2, 63, 64, 1000].map {
      try Self.demand([:], ["train": 64, "test": 64], batch: $0).bytes
    }
    #expect(batches == batches.sorted() && Set(batches).count == 5)
  }

  /// What the trainer's parts hold, counted one by one.
  @Test func evaluationIsAsLargeAsItsExecutor() throws {
    let graph = try TinyTask.graph()
    let set = TinyTask.images(9, "test")
    let bytes = Evaluator.bytes(
      graph, set.size, count: 9, batch: 128, isInFiles: false, threads: 1)
    let folded = Folding(graph, batch: 9).graph
    let plan = Plan(folded, mode: .inference, batch: 9, threads: 1)
    let memory = try ParameterMemory(folded)
    #expect(
      bytes == plan.arenaBytes + 4 * memory.all.count + 4 * 9 * TinyTask.classes
        + 2 * 4 * 9 * set.size.count)
    let flipped = Evaluator.bytes(
      graph, set.size, count: 9, batch: 128, isInFiles: false, flips: true, threads: 1)
    #expect(flipped == bytes + 4 * 9 * (3 * TinyTask.classes + 1 + set.size.count))
    let files = Evaluator.bytes(
      graph, set.size, count: 9, batch: 128, isInFiles: true, threads: 3)
    #expect(files > bytes)
    #expect(
      Evaluator.bytes(
        graph, set.size, count: .max, batch: .max, isInFiles: true, threads: 3) == .max)
  }
}
