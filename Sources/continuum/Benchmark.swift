import Engine
import Foundation
import Kernels
import RandomStreams

/// Runs a network on random images and measures every batch.
struct Benchmark {
  enum Mode: String, CaseIterable {
    case train, infer

    var plan: Plan.Mode { self == .train ? .training : .inference }
  }

  /// Milliseconds an image, and memory.
  struct Result {
    var rounds: Int
    var median: Double
    var minimum: Double
    var maximum: Double
    /// The most memory that the process ever had resident.
    var peakBytes: Int
  }

  let graph: Graph
  let mode: Mode
  let batch: Int
  let threads: Int
  private let executor: Executor
  private let parameters: ParameterMemory
  private let velocity: AlignedMemory
  private let pool: ThreadPool

  /// - Throws: where the memory is not to be had.
  init(_ graph: Graph, mode: Mode, batch: Int, context: Context) throws(OutOfMemory) {
    self.graph = graph
    self.mode = mode
    self.batch = batch
    threads = context.threads
    pool = ThreadPool(threads: threads)
    let seed = context.seed ?? 0
    parameters = try ParameterMemory(graph)
    parameters.initialize(seed: seed, kernels: .glorotUniform)
    velocity = try AlignedMemory(count: max(parameters.trainableLength, 1))
    let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0)
    executor = try Executor(
      graph, mode: mode == .train ? .training(loss) : .inference(nil), batch: batch,
      parameters: parameters, pool: pool, seed: seed)
    var stream = RandomStream(seed: seed, "bench/images")
    executor.load(images: (0..<batch * graph.inputShape.count).map { _ in stream.normal() })
    if mode == .train {
      let classes = graph.outputShape.channels
      executor.load(labels: (0..<batch).map { $0 % classes })
    }
  }

  var arenaBytes: Int { executor.plan.arenaBytes }

  /// Warms up, then measures.
  ///
  /// - Parameter report: told after every measured batch how many are done.
  func measured(rounds: Int, report: (Int) -> Void) -> Result {
    for round in 0..<2 { step(round) }
    let clock = ContinuousClock()
    var times: [Double] = []
    for round in 0..<rounds {
      let duration = clock.measure { step(round + 2) }
      times.append(duration / .milliseconds(1) / Double(batch))
      report(round + 1)
    }
    times.sort()
    let middle = times.count / 2
    let median =
      times.count.isMultiple(of: 2) ? (times[middle - 1] + times[middle]) / 2 : times[middle]
    return Result(
      rounds: rounds, median: median, minimum: times[0], maximum: times[times.count - 1],
      peakBytes: Self.peakBytes)
  }

  private func step(_ number: Int) {
    executor.run(step: number)
    guard mode == .train else { return }
    for (position, parameter) in parameters.parameters.enumerated() {
      guard let range = parameters.trainableRange(position) else { continue }
      UpdateKernel.sgd(
        weights: parameters.value(position), gradients: parameters.gradient(position),
        velocity: velocity.buffer.slice(range.lowerBound, parameter.count), learningRate: 0.01,
        momentum: 0.9, nesterov: false, decay: 0, pool: pool)
    }
  }

  /// The high-water mark of resident memory, which Linux keeps for every process; 0 elsewhere.
  private static var peakBytes: Int {
    guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kibibytes = line.split(separator: " ").compactMap({ Int($0) }).first
    else { return 0 }
    return kibibytes * 1024
  }
}
