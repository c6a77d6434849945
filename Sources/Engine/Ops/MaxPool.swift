// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[k×k max-pool]`: the largest number of each window. Where two are equally large, the first in
/// the window's order gets the gradient.
///
/// Source: the paper, Fig. 5.
public struct MaxPool: WindowedOp {
  let window: Window
  public let kind = "max-pool"
  public var kernel: Extent { window.kernel }
  public var stride: Int { window.stride }
  public var padding: Padding { window.padding }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    try window.output(for: inputs[0], channels: inputs[0].channels)
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(savedCount: batch * output.count, views: .rectified, masking: .byItself)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let kernels = PoolingKernel(
      geometry: window.geometry(batch: memory.batch, input: memory.inputShape))
    return { moment in
      kernels.maxForward(
        x: memory.views[0], y: memory.output, winners: moment.isTraining ? memory.saved : nil,
        pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let kernels = PoolingKernel(
      geometry: window.geometry(batch: memory.batch, input: memory.inputShape))
    return { _ in
      guard let dx = memory.inputGradients[0] else { return }
      kernels.maxGradient(
        dy: memory.outputGradient, winners: memory.saved, dx: dx.values,
        accumulate: dx.accumulate, pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[k×k max-pool]`.
  public mutating func maxPool(
    _ x: Value, _ name: String, window: Extent, stride: Int,
    padding: Padding = .same
  ) -> Value {
    append(MaxPool(window: Window(kernel: window, stride: stride, padding: padding)), name, [x])
  }
}
