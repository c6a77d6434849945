// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[global average-pool]`: the mean of every channel over the plane, 1×1×C.
///
/// Source: the paper, Fig. 5.
public struct GlobalAveragePool: Op {
  public let kind = "global average-pool"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    Shape(height: 1, width: 1, channels: inputs[0].channels)
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(views: .activated)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      GlobalAveragePooling.forward(
        x: memory.views[0], y: memory.output, batch: memory.batch,
        pixels: memory.inputShape.pixels, channels: memory.inputShape.channels, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      GlobalAveragePooling.gradient(
        dy: memory.outputGradient, dx: dx, batch: memory.batch, pixels: memory.inputShape.pixels,
        channels: memory.inputShape.channels, pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[global average-pool]`.
  public mutating func globalAveragePool(_ x: Value, _ name: String) -> Value {
    append(GlobalAveragePool(), name, [x])
  }
}
