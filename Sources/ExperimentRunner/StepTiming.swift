import Engine
import Foundation
import Kernels

/// Measures how long a training step of a graph takes here, to tell how long a sweep will take.
public enum StepTiming {
  /// The median of a few steps on made-up images, after one that does not count.
  ///
  /// - Throws: where the memory is not to be had.
  public static func seconds(
    _ graph: Graph, batch: Int, threads: Int, steps: Int = 3
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
    let times = (0..<steps).map { _ in
      let start = Date()
      executor.run()
      return Date().timeIntervalSince(start)
    }
    return times.sorted()[steps / 2]
  }
}
