// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Kernels
import RandomStreams

/// Runs a network on random images and measures every batch.
struct Benchmark {
  enum Mode: String, CaseIterable {
    case train, infer

    var plan: Plan.Mode { self == .train ? .training : .inference }

    /// What runs: for inference a folded graph, unless every op is to run by itself.
    func graph(_ graph: Graph, fuses: Bool, batch: Int) -> Graph {
      self == .infer && fuses ? Folding(graph, batch: batch).graph : graph
    }
  }

  /// Milliseconds an image, and memory.
  struct Result {
    var rounds: Int
    var median: Double
    var minimum: Double
    var maximum: Double
    /// Multiply-adds of matrix products a second, measured between the rounds: the best of all.
    var productRate: Double
    /// The most memory that the process ever had resident.
    var peakBytes: Int

    /// The share of that rate at which the network's multiply-adds were done.
    func shareOfProducts(multiplyAdds: Int) -> Double {
      Double(multiplyAdds) / (median / 1000) / productRate
    }
  }

  let graph: Graph
  let mode: Mode
  let batch: Int
  let threads: Int
  private let executor: Executor
  private let velocity: AlignedMemory
  private let pool: ThreadPool

  /// - Throws: where the memory is not to be had.
  init(
    _ graph: Graph, mode: Mode, batch: Int, fuses: Bool, context: Context
  ) throws(OutOfMemory) {
    self.graph = graph
    self.mode = mode
    self.batch = batch
    threads = context.threads
    pool = ThreadPool(threads: threads)
    let seed = context.seed ?? 0
    let parameters = try ParameterMemory(graph)
    parameters.initialize(seed: seed, kernels: .glorotUniform)
    velocity = try AlignedMemory(count: mode == .train ? max(parameters.trainableLength, 1) : 1)
    if mode == .infer && fuses {
      let network = try FoldedNetwork(graph, batch: batch, pool: pool)
      network.fold(parameters.all)
      executor = try network.executor()
    } else {
      let loss = Loss.softmaxCrossEntropy(labelSmoothing: 0)
      executor = try Executor(
        graph, mode: mode == .train ? .training(loss) : .inference(nil), batch: batch,
        parameters: parameters, pool: pool, seed: seed, fuses: fuses)
    }
    var stream = RandomStream(seed: seed, "bench/images")
    executor.load(images: (0..<batch * graph.inputShape.count).map { _ in stream.normal() })
    if mode == .train {
      let classes = graph.outputShape.channels
      executor.load(labels: (0..<batch).map { $0 % classes })
    }
  }

  /// - Throws: where the machine has less memory than the batch takes, with a batch that fits.
  static func checkMemory(
    _ graph: Graph, mode: Mode, batch: Int, fuses: Bool, _ context: Context
  ) throws(MemoryShortage) {
    let work = mode == .train ? "a training step" : "inference"
    try MemoryShortage.check(
      "\(graph.name): \(work)", batch: batch, free: .now.ofProcess(threads: context.threads)
    ) { batch in
      let demand = MemoryDemand(
        graph, mode: mode.plan, batch: batch, threads: context.threads, fuses: fuses)
      guard mode == .infer && fuses else {
        return MemoryDemand.sum([demand.bytes, MemoryDemand.processBytes])
      }
      // The weights are there until they are folded.
      return MemoryDemand.sum([
        FoldedNetwork.bytes(graph, batch: batch, threads: context.threads), demand.parameterBytes,
        MemoryDemand.processBytes,
      ])
    }
  }

  var arenaBytes: Int { executor.plan.arenaBytes }

  /// Multiply-adds that one image takes.
  var multiplyAdds: Int {
    steps.reduce(0) { $0 + $1.multiplyAdds } / batch
  }

  /// What runs in a batch.
  var steps: [Plan.ProfiledStep] { executor.plan.profile(executor.graph, hasLoss: mode == .train) }

  /// Warms up, then measures batches, a matrix product after every third.
  ///
  /// - Parameter report: told after every measured batch how many are done.
  func measured(rounds: Int, report: (Int) -> Void) throws(OutOfMemory) -> Result {
    let products = try ProductRate(pool: pool)
    for round in 0..<2 { step(round) }
    let clock = SuspendingClock()
    var times: [Double] = []
    var rate = 0.0
    for round in 0..<rounds {
      let duration = clock.measure { step(round + 2) }
      times.append(duration / .milliseconds(1) / Double(batch))
      // A product empties the caches for the next batch; two of three, and so the median, follow a batch.
      if round % 3 == 0 { rate = max(rate, products.measured()) }
      report(round + 1)
    }
    times.sort()
    return Result(
      rounds: rounds, median: Self.median(times), minimum: times[0], maximum: times[rounds - 1],
      productRate: rate, peakBytes: Self.peakBytes)
  }

  /// Seconds of every step, in the order of `steps`: the median of the rounds.
  func profiled(rounds: Int, report: (Int) -> Void) -> [Double] {
    for round in 0..<2 { step(round) }
    var times: [[Double]] = []
    for round in 0..<rounds {
      times.append(executor.profile(step: round + 2))
      update()
      report(round + 1)
    }
    return (times.first ?? []).indices.map { index in Self.median(times.map { $0[index] }.sorted())
    }
  }

  private static func median(_ sorted: [Double]) -> Double {
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// One batch, and in training an update.
  func step(_ number: Int) {
    executor.run(step: number)
    update()
  }

  private func update() {
    guard mode == .train else { return }
    let parameters = executor.parameters
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
