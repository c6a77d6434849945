// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[slice]`: some consecutive channels.
public struct Slice: Op {
  /// The channels taken.
  public let channels: Range<Int>
  public let kind = "slice"

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard !channels.isEmpty, channels.lowerBound >= 0, channels.upperBound <= inputs[0].channels
    else {
      throw GraphError(rule: "channels \(channels) are not within 0..<\(inputs[0].channels)")
    }
    return Shape(height: inputs[0].height, width: inputs[0].width, channels: channels.count)
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    { _ in
      ElementwiseKernel.copyChannels(
        from: memory.inputs[0], channels: memory.inputShape.channels, start: channels.lowerBound,
        to: memory.output, channels: channels.count, start: 0, count: channels.count,
        rows: memory.outputRows, accumulate: false, pool: memory.pool)
    }
  }

  /// The gradient of the channels that were not taken is zero.
  public func backward(_ memory: OpMemory) -> OpAction {
    { _ in
      guard let dx = memory.inputGradients[0] else { return }
      if !dx.accumulate { dx.values.fill(0) }
      ElementwiseKernel.copyChannels(
        from: memory.outputGradient, channels: channels.count, start: 0, to: dx.values,
        channels: memory.inputShape.channels, start: channels.lowerBound, count: channels.count,
        rows: memory.outputRows, accumulate: true, pool: memory.pool)
    }
  }
}

extension GraphBuilder {
  /// `[slice]`.
  public mutating func slice(_ x: Value, _ name: String, channels: Range<Int>) -> Value {
    append(Slice(channels: channels), name, [x])
  }
}
