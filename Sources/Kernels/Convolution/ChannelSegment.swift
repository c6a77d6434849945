// SPDX-License-Identifier: Apache-2.0

/// How many input channels alone feed how many output channels. Segments follow each other: the first
/// reads and writes the first channels.
///
/// Source: the paper, section 1.2 and Fig. 3.
public struct ChannelSegment: Hashable, Sendable {
  /// Input channels.
  public var input: Int
  /// Output channels.
  public var output: Int

  /// A segment from `input` channels to `output` channels.
  public init(input: Int, output: Int) {
    self.input = input
    self.output = output
  }

  /// Numbers of the kernel at one tap.
  var products: Int { input * output }
}
