/// The memory that running a graph takes, known before any is taken.
public struct MemoryDemand: Hashable, Sendable {
  /// Activations, their gradients and working memory, which share one arena.
  public let arenaBytes: Int
  /// Weights and batch norms' statistics.
  public let parameterBytes: Int
  /// Gradients of the weights and what the optimiser remembers; 0 in inference.
  public let learningBytes: Int

  /// - Parameters:
  ///   - slots: the numbers that the optimiser remembers for each weight: 1 for SGD with momentum,
  ///     2 for RMSprop and AdamW.
  public init(_ graph: Graph, mode: Plan.Mode, batch: Int, threads: Int, slots: Int = 1) {
    let layout = ParameterLayout(graph.parameters)
    let float = MemoryLayout<Float>.stride
    arenaBytes = Plan(graph, mode: mode, batch: batch, threads: threads).arenaBytes
    parameterBytes = float * layout.count
    learningBytes = mode == .training ? float * (1 + slots) * layout.trainableCount : 0
  }

  public var bytes: Int { arenaBytes + parameterBytes + learningBytes }
}
