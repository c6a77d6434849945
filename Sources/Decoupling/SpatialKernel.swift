// SPDX-License-Identifier: Apache-2.0

/// The numbers of a spatial convolution, as a kernel of every input channel for every output.
public struct SpatialKernel: Sendable {
  /// Height times width of the window.
  public let taps: Int
  public let inputs: Int
  public let outputs: Int
  /// `[taps, inputs, outputs]`.
  private let values: [Float]

  /// - Parameters:
  ///   - values: of the kernel, row-major.
  ///   - shape: `[height, width, inputs, outputs]`.
  /// - Returns: nil where the shape is no spatial kernel's, does not fit the values, or where a value
  ///   is not finite.
  public init?(_ values: [Float], shape: [Int]) {
    guard shape.count == 4, shape.allSatisfy({ $0 > 0 }), shape.reduce(1, *) == values.count,
      shape[0] * shape[1] > 1, values.allSatisfy(\.isFinite)
    else { return nil }
    taps = shape[0] * shape[1]
    inputs = shape[2]
    outputs = shape[3]
    self.values = values
  }

  /// `[taps][inputs]` of one output.
  func filter(of output: Int) -> [[Double]] {
    (0..<taps).map { tap in
      (0..<inputs).map { Double(values[(tap * inputs + $0) * outputs + output]) }
    }
  }

  /// `[taps][outputs]` of one input channel.
  func filters(of input: Int) -> [[Double]] {
    (0..<taps).map { tap in
      let start = (tap * inputs + input) * outputs
      return values[start..<start + outputs].map(Double.init)
    }
  }

  /// `[taps · outputs][inputs]` of some outputs: what one segment of the spatial convolution would
  /// have to make out of the channels that a 1×1 mixes for it.
  func stack(of outputs: [Int]) -> [[Double]] { outputs.flatMap(filter) }
}
