// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine

/// The memory that a whole training takes, known before any is taken.
public struct TrainingDemand: Hashable, Sendable {
  /// A step: activations, weights, gradients and what the optimiser remembers.
  public let step: MemoryDemand
  /// The executors that evaluate beside it, with weights of their own.
  public let evaluationBytes: Int
  /// The average of the weights.
  public let averageBytes: Int
  /// A copy of all that a checkpoint holds, made for every checkpoint.
  public let snapshotBytes: Int
  /// The images, and the batches that are made of them ahead of their use.
  public let dataBytes: Int
  /// At the most while the images are read or made, before anything else is taken.
  public let loadingBytes: Int

  /// - Parameters:
  ///   - graph: the network.
  ///   - settings: of the training.
  ///   - batch: instead of that of the settings.
  ///   - data: surveyed, if it is a folder of pictures.
  ///   - threads: of the pool.
  public init(
    _ graph: Graph, _ settings: TrainingSettings, batch: Int? = nil, data: DatasetDescription,
    threads: Int
  ) {
    let batch = batch ?? settings.batch
    let slots = settings.optimizer.slotCount
    step = MemoryDemand(graph, mode: .training, batch: batch, threads: threads, slots: slots)
    averageBytes = settings.averaging == nil ? 0 : step.parameterBytes
    // The numbers that learn stand in the gradients once and once in every slot.
    snapshotBytes =
      step.parameterBytes + averageBytes + step.learningBytes / (1 + slots) * slots
    let size = data.imageSize
    let isInFiles = data.origin == .folder
    evaluationBytes = MemoryDemand.sum(
      [data.testedImageCount, data.validatedImageCount].filter { $0 > 0 }.map { count in
        Evaluator.bytes(
          graph, size, count: count, batch: Evaluator.usualBatch(size), isInFiles: isInFiles,
          flips: settings.testTimeFlip, threads: threads)
      })
    dataBytes =
      step.bytes == .max
      ? 0
      : data.imageBytes
        + BatchStream.bytes(size, batch: batch, isInFiles: isInFiles, threads: threads)
    loadingBytes = data.loadingBytes
  }

  /// `Int.max` where it is more than can be counted.
  public var bytes: Int {
    max(
      loadingBytes,
      MemoryDemand.sum([step.bytes, evaluationBytes, averageBytes, snapshotBytes, dataBytes]))
  }
}
