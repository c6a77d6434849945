// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[dense]`: logits = x·kernel + bias, over all numbers of an image.
///
/// Parameters: `kernel [in, out]`, `bias [out]`.
/// Cost: in·out multiply-adds.
public struct Dense: Op {
  public let units: Int
  public let kind = "dense"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard units >= 1 else { throw GraphError(rule: "units is \(units); it must be at least 1") }
    return Shape(height: 1, width: 1, channels: units)
  }

  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let fan = Parameter.Fan(
      count: inputs[0].count * units, incoming: inputs[0].count, outgoing: units)
    return [
      Parameter(path: "kernel", shape: [inputs[0].count, units], role: .kernel, fans: [fan]),
      Parameter(path: "bias", shape: [units], role: .bias),
    ]
  }

  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { inputs[0].count * units }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(
      backwardReads: .inputs,
      scratchCount: ElementwiseKernel.columnSumsScratchCount(rows: batch, channels: units))
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      MatrixKernel.multiply(
        memory.inputs[0], memory.parameters[0], into: memory.output, rows: memory.batch,
        inner: memory.inputShape.count, columns: units, pool: memory.pool)
      ElementwiseKernel.addRow(
        memory.parameters[1], to: memory.output, rows: memory.batch, channels: units,
        pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let inner = memory.inputShape.count
    let dy = memory.outputGradient
    return { _ in
      MatrixKernel.multiply(
        memory.inputs[0], dy, into: memory.parameterGradients[0], rows: inner,
        inner: memory.batch, columns: units, transposeA: true, pool: memory.pool)
      ElementwiseKernel.columnSums(
        x: dy, rows: memory.batch, channels: units, sums: memory.parameterGradients[1],
        scratch: memory.scratch, pool: memory.pool)
      if let dx = memory.inputGradients[0] {
        MatrixKernel.multiply(
          dy, memory.parameters[0], into: dx.values, rows: memory.batch, inner: units,
          columns: inner, transposeB: true, accumulate: dx.accumulate, pool: memory.pool)
      }
    }
  }
}

extension GraphBuilder {
  /// `[dense]`.
  public mutating func dense(_ x: Value, _ name: String, units: Int) -> Value {
    append(Dense(units: units), name, [x])
  }
}
