// SPDX-License-Identifier: Apache-2.0

import Kernels

/// How a window meets the border of the plane.
public typealias Padding = WindowGeometry.Padding

/// The rules that every op with a moving window shares.
struct Window: Hashable, Sendable {
  var kernel: Extent
  var stride: Int
  var padding: Padding

  /// The plane's size after the window has moved over it.
  ///
  /// - Throws: where stride or window is not positive, or a `valid` window is larger than the plane.
  func output(for input: Shape, channels: Int) throws(GraphError) -> Shape {
    guard min(kernel.height, kernel.width) >= 1 else {
      throw GraphError(rule: "the window is \(kernel); no side may be below 1")
    }
    guard stride >= 1 else { throw GraphError(rule: "stride is \(stride); it must be at least 1") }
    let height = WindowGeometry.outputLength(
      input.height, kernel: kernel.height, stride: stride, padding: padding)
    let width = WindowGeometry.outputLength(
      input.width, kernel: kernel.width, stride: stride, padding: padding)
    guard min(height, width) >= 1 else {
      throw GraphError(rule: "a valid \(kernel) window is larger than its input \(input)")
    }
    return Shape(height: height, width: width, channels: channels)
  }

  func geometry(batch: Int, input: Shape) -> WindowGeometry {
    WindowGeometry(
      batch: batch, inputHeight: input.height, inputWidth: input.width,
      inputChannels: input.channels, kernelHeight: kernel.height, kernelWidth: kernel.width,
      stride: stride, padding: padding)
  }
}

/// An op with a moving window, for whoever compares it with others'.
public protocol WindowedOp: Op {
  var kernel: Extent { get }
  /// The same in both directions.
  var stride: Int { get }
  var padding: Padding { get }
}

extension WindowedOp {
  /// Rows and columns of padding before an input.
  public func border(of input: Shape) -> (top: Int, left: Int) {
    let geometry = Window(kernel: kernel, stride: stride, padding: padding)
      .geometry(batch: 1, input: input)
    return (geometry.padTop, geometry.padLeft)
  }
}
