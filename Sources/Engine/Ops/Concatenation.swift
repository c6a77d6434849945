// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[concat]`: the channels of several values of one plane size, one after another.
///
/// Source: the paper, Fig. 1 and 2.
public struct Concatenation: Op {
  public let kind = "concatenate"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard let first = inputs.first else {
      throw GraphError(rule: "nothing to concatenate")
    }
    for other in inputs where (other.height, other.width) != (first.height, first.width) {
      throw GraphError(rule: "cannot concatenate planes of \(first) and \(other)")
    }
    return Shape(
      height: first.height, width: first.width,
      channels: inputs.reduce(0) { $0 + $1.channels })
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(views: .activated, masking: .ofSums)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      var start = 0
      for (view, shape) in zip(memory.views, memory.inputShapes) {
        ElementwiseKernel.copyChannels(
          from: view, channels: shape.channels, to: memory.output,
          channels: memory.outputShape.channels, start: start, rows: memory.outputRows,
          pool: memory.pool)
        start += shape.channels
      }
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      var start = 0
      for (dx, shape) in zip(memory.inputGradients, memory.inputShapes) {
        if let dx {
          ElementwiseKernel.copyChannels(
            from: memory.outputGradient, channels: memory.outputShape.channels, start: start,
            to: dx, count: shape.channels, rows: memory.outputRows, pool: memory.pool)
        }
        start += shape.channels
      }
    }
  }
}

extension GraphBuilder {
  /// `[concat]`.
  public mutating func concatenate(_ values: [Value], _ name: String) -> Value {
    append(Concatenation(), name, values)
  }
}
