// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Where a sliding window of a convolution or pooling lies on its input, for a whole batch.
///
/// Shapes: input [batch, inputHeight, inputWidth, inputChannels] (NHWC); output [batch,
/// outputHeight, outputWidth, …]. Output (h, w) sees input rows h * stride - padTop + [0,
/// kernelHeight) and columns w * stride - padLeft + [0, kernelWidth).
/// Source: the rules of `same` and `valid` are TensorFlow's; the odd pixel of `same` goes to the end.
public struct WindowGeometry: Hashable, Sendable {
  /// Images.
  public let batch: Int
  /// Input size.
  public let inputHeight, inputWidth, inputChannels: Int
  /// Output size.
  public let outputHeight, outputWidth: Int
  /// Window size.
  public let kernelHeight, kernelWidth: Int
  /// Step between windows, the same in both directions.
  public let stride: Int
  /// Rows and columns of padding before the input; those behind it follow from the sizes.
  public let padTop, padLeft: Int

  /// How a window meets the border.
  public enum Padding: String, CaseIterable, Sendable {
    /// Output length = ceil(input / stride), zeros around the input, the odd one at the end.
    case same
    /// Only windows that lie inside the input.
    case valid
    /// Half a window of zeros, rounded down, on every side; an odd window sees as many rows and
    /// columns before its pixel as behind it. Source: ResNet's stem, as in Keras.
    case symmetric
  }

  /// Derives output size and padding by the rule.
  public init(
    batch: Int, inputHeight: Int, inputWidth: Int, inputChannels: Int, kernelHeight: Int,
    kernelWidth: Int, stride: Int, padding: Padding
  ) {
    precondition(batch >= 0 && inputHeight > 0 && inputWidth > 0 && inputChannels > 0)
    precondition(kernelHeight > 0 && kernelWidth > 0 && stride > 0)
    self.batch = batch
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.inputChannels = inputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    outputHeight = Self.outputLength(
      inputHeight, kernel: kernelHeight, stride: stride, padding: padding)
    outputWidth = Self.outputLength(
      inputWidth, kernel: kernelWidth, stride: stride, padding: padding)
    padTop = Self.padBefore(
      inputHeight, output: outputHeight, kernel: kernelHeight, stride: stride, padding: padding)
    padLeft = Self.padBefore(
      inputWidth, output: outputWidth, kernel: kernelWidth, stride: stride, padding: padding)
  }

  /// The geometry in which `self`'s input gradient is itself a convolution of the output's
  /// gradient by the flipped kernel; `self` must have stride 1.
  init(reversing other: WindowGeometry, channels: Int) {
    assert(other.stride == 1)
    batch = other.batch
    inputHeight = other.outputHeight
    inputWidth = other.outputWidth
    inputChannels = channels
    outputHeight = other.inputHeight
    outputWidth = other.inputWidth
    kernelHeight = other.kernelHeight
    kernelWidth = other.kernelWidth
    stride = 1
    padTop = other.kernelHeight - 1 - other.padTop
    padLeft = other.kernelWidth - 1 - other.padLeft
  }

  /// Output length along one axis; 0 when a `valid` window is longer than the input.
  public static func outputLength(
    _ input: Int, kernel: Int, stride: Int, padding: Padding
  ) -> Int {
    switch padding {
    case .same: (input + stride - 1) / stride
    case .valid: input < kernel ? 0 : (input - kernel) / stride + 1
    case .symmetric: (input + kernel / 2 * 2 - kernel) / stride + 1
    }
  }

  private static func padBefore(
    _ input: Int, output: Int, kernel: Int, stride: Int, padding: Padding
  ) -> Int {
    switch padding {
    case .same: max((output - 1) * stride + kernel - input, 0) / 2
    case .valid: 0
    case .symmetric: kernel / 2
    }
  }

  /// Pixels of one output image.
  var outputPixels: Int { outputHeight * outputWidth }
  /// Floats of one input image.
  var inputImage: Int { inputHeight * inputWidth * inputChannels }
  /// Floats of the whole input.
  var inputCount: Int { batch * inputImage }
  /// Positions of the window.
  var taps: Int { kernelHeight * kernelWidth }

  /// The window for the C loops, over `channels` channels.
  func window(channels: Int) -> ck_window {
    ck_window(
      inputHeight: inputHeight, inputWidth: inputWidth, channels: channels,
      outputHeight: outputHeight, outputWidth: outputWidth, kernelHeight: kernelHeight,
      kernelWidth: kernelWidth, stride: stride, padTop: padTop, padLeft: padLeft)
  }
}
