import Kernels

/// `[ReLU]`: max(x, 0). Its derivative at 0 is 0.
public struct ReLU: Op {
  public let kind = "ReLU"
  public let prologue: Prologue? = .activation

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(backwardReads: .output, worksInPlace: true, views: .normalized)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    var view = memory.views[0]
    view.isRectified = true
    return { _ in
      ActivationKernel.copy(
        view, to: memory.output, rows: memory.outputRows, channels: memory.outputShape.channels,
        pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      ActivationKernel.reluGradient(
        y: memory.output, dy: memory.outputGradient, dx: dx.values, accumulate: dx.accumulate,
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
