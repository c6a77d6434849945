// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[+]`: the sum of two values of one shape, as at the end of a residual module.
///
/// Source: the paper, section 3 (linear residual connections).
public struct Addition: Op {
  public let kind = "add"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard inputs[0] == inputs[1] else {
      throw GraphError(rule: "cannot add \(inputs[0]) and \(inputs[1])")
    }
    return inputs[0]
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(worksInPlace: true, sharesGradient: true, views: .activated, masking: .ofSums)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      ElementwiseKernel.add(
        memory.views[0], memory.views[1], y: memory.output, rows: memory.outputRows,
        channels: memory.outputShape.channels, pool: memory.pool)
    }
  }

  /// An input's gradient may share the output gradient's memory and is then there already.
  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      for dx in memory.inputGradients {
        guard let dx, dx.values.base != memory.outputGradient.base else { continue }
        ElementwiseKernel.copy(
          memory.outputGradient, to: dx, rows: memory.outputRows,
          channels: memory.outputShape.channels, pool: memory.pool)
      }
    }
  }
}

extension GraphBuilder {
  /// `[+]`.
  public mutating func add(_ first: Value, _ second: Value, _ name: String) -> Value {
    append(Addition(), name, [first, second])
  }
}
