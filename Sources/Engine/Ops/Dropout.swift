// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams

/// `[dropout]`: in training each number is zero with probability `rate` and divided by 1 − rate
/// otherwise; inference leaves it alone.
///
/// The draws come from the stream `dropout/<op>` at the step's number, whatever ran before.
/// Source: the paper, section 4.3.
public struct Dropout: Op {
  public let rate: Float
  public let kind = "dropout"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard rate >= 0, rate < 1 else {
      throw GraphError(rule: "the dropout rate is \(rate); it must be at least 0 and below 1")
    }
    return inputs[0]
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(savedCount: batch * output.count, worksInPlace: true)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let mask = memory.saved
    return { moment in
      guard moment.isTraining else {
        if memory.inputs[0].base != memory.output.base {
          ElementwiseKernel.copy(
            memory.inputs[0], to: memory.output, accumulate: false, pool: memory.pool)
        }
        return
      }
      var stream = RandomStream(seed: moment.seed, "dropout/\(memory.name)", moment.step)
      for index in 0..<mask.count {
        mask[index] = stream.uniform() < rate ? 0 : 1 / (1 - rate)
      }
      ElementwiseKernel.multiply(
        x: memory.inputs[0], mask: mask, y: memory.output, accumulate: false, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      ElementwiseKernel.multiply(
        x: memory.outputGradient, mask: memory.saved, y: dx.values, accumulate: dx.accumulate,
        pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[dropout]`.
  public mutating func dropout(_ x: Value, _ name: String, rate: Float) -> Value {
    append(Dropout(rate: rate), name, [x])
  }
}
