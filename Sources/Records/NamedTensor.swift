// SPDX-License-Identifier: Apache-2.0

/// A tensor of 32-bit floats and the path that names it, e.g. `stem/conv/kernel`.
public struct NamedTensor: Equatable, Sendable {
  /// Names joined by `/`, as the graph gives them.
  public var path: String
  /// The extents, slowest first; empty for a scalar.
  public var shape: [Int]
  /// The values in row-major order, as many as the product of `shape`.
  public var values: [Float]

  public init(path: String, shape: [Int], values: [Float]) {
    self.path = path
    self.shape = shape
    self.values = values
  }
}
