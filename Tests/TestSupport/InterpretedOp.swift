// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// An op that only tests have, written once for both executors: the fast one calls it through
/// arrays, the reference executor as it stands.
public protocol InterpretedOp: Op {
  func interpret<Scalar: ReferenceScalar>(_ inputs: [[Scalar]], parameters: [[Scalar]]) -> [Scalar]

  /// Gradients of the inputs and of the parameters for the output's gradient `dy`.
  func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]])
}

extension InterpretedOp {
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands(backwardReads: .inputs)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      memory.output.copy(
        from: interpret(memory.inputs.map(\.array), parameters: memory.parameters.map(\.array)))
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      let gradients = interpretGradient(
        memory.outputGradient.array, inputs: memory.inputs.map(\.array),
        parameters: memory.parameters.map(\.array))
      for (buffer, gradient) in zip(memory.parameterGradients, gradients.parameters) {
        buffer.copy(from: gradient)
      }
      for (dx, gradient) in zip(memory.inputGradients, gradients.inputs) {
        guard let dx else { continue }
        let earlier = dx.accumulate ? dx.values.array : gradient.map { _ in 0 }
        dx.values.copy(from: zip(earlier, gradient).map(+))
      }
    }
  }
}
