// SPDX-License-Identifier: Apache-2.0

/// The kernel of a convolution over equal segments, ours `[S, kH, kW, in, out]`, as Keras keeps that of
/// a Conv2D with as many groups: `[kH, kW, in, S·out]`.
enum KerasGroups {
  /// Whether a parameter of this shape is such a kernel.
  static func areSegments(_ shape: [Int]) -> Bool { shape.count == 5 }

  /// Keras' shape for ours.
  static func shape(_ ours: [Int]) -> [Int] {
    areSegments(ours) ? Array(ours[1...3]) + [ours[0] * ours[4]] : ours
  }

  /// Values in our order in Keras'.
  static func joined(_ values: [Float], _ ours: [Int]) -> [Float] {
    guard areSegments(ours) else { return values }
    return turned(values, from: ours[0], ours[1] * ours[2] * ours[3], ours[4])
  }

  /// Values in Keras' order in ours.
  static func separated(_ values: [Float], _ ours: [Int]) -> [Float] {
    guard areSegments(ours) else { return values }
    return turned(values, from: ours[1] * ours[2] * ours[3], ours[0], ours[4])
  }

  /// `[rows, columns, run]` as `[columns, rows, run]`.
  private static func turned(
    _ values: [Float], from rows: Int, _ columns: Int, _ run: Int
  ) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    for column in 0..<columns {
      for row in 0..<rows {
        let start = (row * columns + column) * run
        result += values[start..<start + run]
      }
    }
    return result
  }
}
