// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[k×k average-pool]`: the mean of each window. Padding is left out of the mean, as in Keras.
///
/// Source: the paper, Fig. 1.
public struct AveragePool: WindowedOp {
  let window: Window
  public let kind = "average-pool"
  public var kernel: Extent { window.kernel }
  public var stride: Int { window.stride }
  public var padding: Padding { window.padding }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    try window.output(for: inputs[0], channels: inputs[0].channels)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let kernels = PoolingKernel(
      geometry: window.geometry(batch: memory.batch, input: memory.inputShape))
    return { _ in
      kernels.averageForward(x: memory.inputs[0], y: memory.output, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let kernels = PoolingKernel(
      geometry: window.geometry(batch: memory.batch, input: memory.inputShape))
    return { _ in
      guard let dx = memory.inputGradients[0] else { return }
      kernels.averageGradient(
        dy: memory.outputGradient, dx: dx.values, accumulate: dx.accumulate, pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[k×k average-pool]`.
  public mutating func averagePool(
    _ x: Value, _ name: String, window: Extent, stride: Int,
    padding: Padding = .same
  ) -> Value {
    append(
      AveragePool(window: Window(kernel: window, stride: stride, padding: padding)), name, [x])
  }
}
