// SPDX-License-Identifier: Apache-2.0

/// A run of consecutive input channels that alone feed a run of consecutive output channels.
public struct ChannelSegment: Hashable, Sendable {
  /// First input channel, and how many.
  public let inputStart, inputCount: Int
  /// First output channel, and how many.
  public let outputStart, outputCount: Int

  /// A segment from `inputCount` channels to `outputCount` channels.
  public init(inputStart: Int, inputCount: Int, outputStart: Int, outputCount: Int) {
    self.inputStart = inputStart
    self.inputCount = inputCount
    self.outputStart = outputStart
    self.outputCount = outputCount
  }

  /// The segment of the input's gradient.
  var reversed: ChannelSegment {
    ChannelSegment(
      inputStart: outputStart, inputCount: outputCount, outputStart: inputStart,
      outputCount: inputCount)
  }

  /// Numbers of the kernel at one tap.
  var products: Int { inputCount * outputCount }

  /// Checks that segments cover the outputs in order and that their inputs do not overlap.
  static func check(_ segments: [ChannelSegment], inputs: Int, outputs: Int) {
    var nextOutput = 0
    for segment in segments {
      precondition(segment.inputCount > 0 && segment.outputCount > 0, "empty segment")
      precondition(segment.outputStart == nextOutput, "segments cover the outputs in order")
      precondition(segment.inputStart >= 0, "segments start at channel 0 or later")
      nextOutput += segment.outputCount
    }
    precondition(nextOutput == outputs, "segments cover \(nextOutput) of \(outputs) outputs")
    var nextInput = 0
    for segment in segments.sorted(by: { $0.inputStart < $1.inputStart }) {
      precondition(segment.inputStart >= nextInput, "segments share input channels")
      nextInput = segment.inputStart + segment.inputCount
    }
    precondition(nextInput <= inputs, "segments read channel \(nextInput - 1) of \(inputs)")
  }
}
