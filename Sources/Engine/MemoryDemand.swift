// SPDX-License-Identifier: Apache-2.0

/// The memory that running a graph takes, known before any is taken.
public struct MemoryDemand: Hashable, Sendable {
  /// Activations, their gradients and working memory, which share one arena.
  public let arenaBytes: Int
  /// Weights and batch norms' statistics.
  public let parameterBytes: Int
  /// Gradients of the weights and what the optimiser remembers; 0 in inference.
  public let learningBytes: Int

  /// - Parameters:
  ///   - graph: the network.
  ///   - mode: training, or inference.
  ///   - batch: images at a time.
  ///   - threads: of the pool.
  ///   - slots: the numbers that the optimiser remembers for each weight: 1 for SGD with momentum, 2
  ///     for RMSprop and AdamW.
  ///   - fuses: see `Plan`.
  public init(
    _ graph: Graph, mode: Plan.Mode, batch: Int, threads: Int, slots: Int = 1, fuses: Bool = true
  ) {
    guard Self.isCountable(graph, batch: batch) else {
      (arenaBytes, parameterBytes, learningBytes) = (.max, 0, 0)
      return
    }
    let layout = ParameterLayout(graph.parameters)
    let float = MemoryLayout<Float>.stride
    arenaBytes =
      Plan(graph, mode: mode, batch: batch, threads: threads, fuses: fuses).arenaBytes
    parameterBytes = float * layout.count
    learningBytes = mode == .training ? float * (1 + slots) * layout.trainableCount : 0
  }

  /// `Int.max` where it is more than can be counted.
  public var bytes: Int { MemoryDemand.sum([arenaBytes, parameterBytes, learningBytes]) }

  /// What a process takes beside: the program, its libraries and their buffers.
  public static let processBytes = 64 << 20

  /// The sum of counts of bytes; `Int.max` where that is too large to be counted.
  public static func sum(_ counts: [Int]) -> Int {
    counts.reduce(0) { sum, bytes in
      let (result, isHuge) = sum.addingReportingOverflow(bytes)
      return isHuge ? .max : result
    }
  }

  /// Whether all outputs and weights are fewer numbers than 2^46, a quarter of a pebibyte, so that
  /// whatever a plan adds up stays far inside 64 bits.
  private static func isCountable(_ graph: Graph, batch: Int) -> Bool {
    let outputs = graph.nodes.reduce(0.0) { $0 + Double($1.output.count) }
    let weights = graph.parameters.reduce(0.0) { $0 + Double($1.count) }
    return Double(batch) * outputs + weights < 0x1p46
  }
}
