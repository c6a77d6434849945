import Kernels

/// `[ELU]`: x where positive, eˣ − 1 elsewhere.
///
/// Source: the paper, section 4.7 and Fig. 10.
public struct ELU: Op {
  public let kind = "ELU"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(backwardReads: .output, worksInPlace: true)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in ActivationKernel.elu(x: memory.inputs[0], y: memory.output, pool: memory.pool) }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      ActivationKernel.eluGradient(
        y: memory.output, dy: memory.outputGradient, dx: dx.values, accumulate: dx.accumulate,
        pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[ELU]`.
  public mutating func elu(_ x: Value, _ name: String) -> Value {
    append(ELU(), name, [x])
  }
}
