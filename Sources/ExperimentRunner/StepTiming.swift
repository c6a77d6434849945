// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels
import ModelZoo
import Settings

/// How long a training step of a graph takes here, to tell how long a sweep will take.
///
/// Nothing larger than a bounded step is ever run: a batch too large for that is measured on fewer
/// images, and a network too large even for one image is estimated from its multiply-adds.
public struct StepTiming: Sendable {
  public let seconds: Double
  /// Whether whole steps were measured; otherwise the time is a measured one, scaled.
  public let isMeasured: Bool

  /// The largest step that is run: about a second's work on one core, in 1 GiB.
  static let mostMultiplyAdds = 20_000_000_000
  static let mostBytes = 1 << 30

  /// - Throws: where the memory is not to be had.
  public init(_ graph: Graph, batch: Int, threads: Int) throws(OutOfMemory) {
    let fitting = Self.fittingBatch(graph, atMost: batch, threads: threads)
    guard fitting > 0 else {
      let rate = try Self.secondsPerMultiplyAdd(threads: threads)
      seconds = rate * Double(graph.cost.multiplyAdds) * Double(batch)
      isMeasured = false
      return
    }
    let measured = try Self.measured(graph, batch: fitting, threads: threads)
    seconds = measured * Double(batch) / Double(fitting)
    isMeasured = fitting == batch
  }

  /// The batch, halved until its step is small enough to be run; 0 where one image is too much.
  static func fittingBatch(_ graph: Graph, atMost batch: Int, threads: Int) -> Int {
    var batch = batch
    while batch > 0 {
      // Backward costs twice what forward does.
      let (work, isHuge) = graph.cost.multiplyAdds.multipliedReportingOverflow(by: 3 * batch)
      let weights = 4 * graph.cost.totalParameters
      if !isHuge, work <= mostMultiplyAdds, weights <= mostBytes,
        MemoryDemand(graph, mode: .training, batch: batch, threads: threads).bytes <= mostBytes
      {
        return batch
      }
      batch /= 2
    }
    return 0
  }

  /// What one multiply-add of a forward pass costs in a training step of an ordinary network.
  private static func secondsPerMultiplyAdd(threads: Int) throws(OutOfMemory) -> Double {
    let block: JSON = ["kind": "regular-conv"]
    let network = try? NetworkDescription(
      ["network": "stack", "stages": 1, "unitsPerStage": 1, "block": block], source: "timing")
    let graph = try? network?.graph(input: Shape(height: 32, width: 32, channels: 3), classes: 10)
    guard let graph else { return .nan }
    let batch = 8
    return try measured(graph, batch: batch, threads: threads)
      / Double(batch * graph.cost.multiplyAdds)
  }

  /// The median step on made-up images, of at least three that take a fifth of a second, after one
  /// that does not count.
  private static func measured(
    _ graph: Graph, batch: Int, threads: Int
  ) throws(OutOfMemory) -> Double {
    let parameters = try ParameterMemory(graph)
    parameters.initialize(seed: 0, kernels: .glorotUniform)
    let executor = try Executor(
      graph, mode: .training(.softmaxCrossEntropy(labelSmoothing: 0)), batch: batch,
      parameters: parameters, pool: ThreadPool(threads: threads))
    let images = (0..<batch * graph.inputShape.count).map { Float($0 % 17) / 17 - 0.5 }
    executor.load(images: images)
    executor.load(labels: (0..<batch).map { $0 % executor.classes })
    executor.run()
    var times: [Double] = []
    while times.count < 3 || times.reduce(0, +) < 0.2 {
      times.append(SuspendingClock().measure { executor.run() } / .seconds(1))
    }
    return times.sorted()[times.count / 2]
  }
}
