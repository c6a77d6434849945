// SPDX-License-Identifier: Apache-2.0

import Kernels

/// A function of each number alone.
public typealias Activation = Kernels.Activation

/// `[ReLU]`, `[ELU]` and the like: a function of each number alone.
///
/// Source: the paper, section 4.7 and Fig. 10.
public struct ActivationOp: Op {
  public let activation: Activation
  public var kind: String { activation.rawValue }
  public var prologue: Prologue? { .activation(activation) }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  /// Where the output of a ReLU is positive its input was: so the input need not be kept.
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(
      backwardReads: activation == .relu ? .output : .inputs, worksInPlace: true,
      views: .normalized)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    var view = memory.views[0]
    view.activation = activation
    return { [view] _ in
      Activation.copy(
        view, to: memory.output, rows: memory.outputRows, channels: memory.outputShape.channels,
        pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    var mask = activation == .relu ? InputView(memory.output) : memory.views[0]
    mask.activation = activation
    var target = memory.inputGradients[0]
    target?.mask = mask
    return { [target] _ in
      guard let target else { return }
      ElementwiseKernel.copy(
        memory.outputGradient, to: target, rows: memory.outputRows,
        channels: memory.outputShape.channels, pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[ReLU]`, the usual one.
  public mutating func relu(_ x: Value, _ name: String) -> Value {
    activation(x, name, .relu)
  }

  /// Any activation.
  public mutating func activation(_ x: Value, _ name: String, _ activation: Activation) -> Value {
    append(ActivationOp(activation: activation), name, [x])
  }
}
