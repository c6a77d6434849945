// SPDX-License-Identifier: Apache-2.0

import Engine
import RandomStreams
import TestSupport

/// `[2·x]`, with a gradient that may be wrong.
struct Doubling: InterpretedOp {
  enum Fault: CaseIterable {
    case none, slightlyOff, dead, notFinite, oneChannelShort
  }

  let kind = "doubling"
  var fault: Fault

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    inputs[0].map { 2 * $0 }
  }

  func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    let dx: [Scalar] =
      switch fault {
      case .none: dy.map { 2 * $0 }
      case .slightlyOff: dy.map { 2.001 * $0 }
      case .dead: dy.map { _ in 0 }
      case .notFinite: dy.map { $0 / 0 - $0 / 0 }
      case .oneChannelShort: dy.indices.map { $0 % 4 == 3 ? 0 : 2 * dy[$0] }
      }
    return ([dx], [])
  }
}

/// Dropout as a public port of Xception has it: the mask is made, and x is returned.
struct ThrownAwayDropout: InterpretedOp {
  let kind = "dropout"

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    var stream = RandomStream(seed: 0, "dropout")
    let dropped = inputs[0].map { stream.uniform() < 0.5 ? 0 : 2 * $0 }
    return dropped.isEmpty ? dropped : inputs[0]
  }

  func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    ([dy], [])
  }
}

/// Batch norm at inference, with its tensors, that takes the running variance for a deviation.
struct DeviationReadAsVariance: InterpretedOp {
  let kind = "batch norm"

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  func parameters(for inputs: [Shape]) -> [Parameter] {
    let roles: [Parameter.Role] = [.scale, .offset, .runningMean, .runningVariance]
    return roles.map {
      Parameter(path: $0.rawValue, shape: [inputs[0].channels], role: $0)
    }
  }

  func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    let (scale, offset, mean) = (parameters[0], parameters[1], parameters[2])
    return inputs[0].indices.map { index in
      let channel = index % scale.count
      let distance = inputs[0][index] - mean[channel]
      return scale[channel] * distance / (parameters[3][channel] + 0.001) + offset[channel]
    }
  }

  func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    ([dy], parameters.map { $0.map { _ in 0 } })
  }
}

/// `[x]`, by way of 512 KiB that are taken at every step.
struct Hoarder: InterpretedOp {
  let kind = "hoarder"

  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    let copies = Self.copies(of: inputs[0].count)
    return copies.contains(0) ? [] : inputs[0]
  }

  /// Never inlined, or the compiler sees that nobody needs the numbers.
  @inline(never) private static func copies(of value: Int) -> [Int] {
    Array(repeating: value, count: 65_536)
  }

  func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    ([dy], [])
  }
}
