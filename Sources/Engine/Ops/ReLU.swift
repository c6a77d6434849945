import Kernels

/// `[ReLU]`: max(x, 0). Its derivative at 0 is 0.
public struct ReLU: Op {
  public let kind = "ReLU"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(readsOutputInBackward: true, worksInPlace: true)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in ActivationKernel.relu(x: memory.inputs[0], y: memory.output, pool: memory.pool) }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      ActivationKernel.reluGradient(
        y: memory.output, dy: memory.outputGradient, dx: dx.buffer, accumulate: dx.accumulate,
        pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[ReLU]`.
  public mutating func relu(_ x: Value, _ name: String) -> Value {
    append(ReLU(), name, [x])
  }
}
