// SPDX-License-Identifier: Apache-2.0

/// Comparisons of two runs of numbers: nil where nothing differs, else where they first do.
///
/// Counts come before contents, and every comparison is written so that a NaN on either side is a
/// difference.
public enum Compare {
  /// Equal as numbers (0 and −0 are).
  public static func exact<Scalar: BinaryFloatingPoint>(
    _ actual: [Scalar], _ expected: [Scalar], _ what: String = "numbers"
  ) -> String? {
    first(actual, expected, what) { $0 == $1 }
  }

  /// Equal in every bit.
  public static func bits<Scalar: BinaryFloatingPoint>(
    _ actual: [Scalar], _ expected: [Scalar], _ what: String = "numbers"
  ) -> String? {
    first(actual, expected, what) { $0 == $1 && $0.sign == $1.sign }
  }

  /// No further apart than `tolerance` times the largest expected magnitude, which is what rounding
  /// in a sum of numbers of that size amounts to. Infinite numbers are never close.
  ///
  /// - Parameter least: a magnitude that rounding is measured by where the expected ones are smaller,
  ///   for numbers that are zero but for rounding.
  public static func close<Actual: BinaryFloatingPoint, Expected: BinaryFloatingPoint>(
    _ actual: [Actual], _ expected: [Expected], tolerance: Double, least: Double = 0,
    _ what: String = "numbers"
  ) -> String? {
    let actual = actual.map { Double($0) }
    let expected = expected.map { Double($0) }
    let scale = expected.reduce(least) { max($0, abs($1)) }
    return first(actual, expected, what) {
      $0.isFinite && $1.isFinite && abs($0 - $1) <= tolerance * scale
    }
  }

  private static func first<Scalar: BinaryFloatingPoint>(
    _ actual: [Scalar], _ expected: [Scalar], _ what: String,
    agree: (Scalar, Scalar) -> Bool
  ) -> String? {
    guard actual.count == expected.count else {
      return "\(what): \(actual.count) numbers, expected \(expected.count)"
    }
    let different = actual.indices.filter { !agree(actual[$0], expected[$0]) }
    guard let index = different.first else { return nil }
    return "\(what): \(different.count) of \(actual.count) differ, the first at \(index): "
      + "\(actual[index]), expected \(expected[index])"
  }
}
