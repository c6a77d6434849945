// SPDX-License-Identifier: Apache-2.0

import RandomStreams

/// Real-valued test data, the same for the same name; every number is one that a Float holds, so
/// that Float and Double twins begin with the same.
public enum RealData {
  /// Normal numbers.
  public static func normal<Scalar: BinaryFloatingPoint>(
    _ count: Int, _ name: String, deviation: Float = 1
  ) -> [Scalar] {
    var stream = RandomStream(seed: 1, "test/\(name)")
    return (0..<count).map { _ in Scalar(stream.normal() * deviation) }
  }

  /// Rows of positive numbers that add up to about 1.
  public static func distributions<Scalar: BinaryFloatingPoint>(
    rows: Int, classes: Int, _ name: String
  ) -> [Scalar] {
    var stream = RandomStream(seed: 1, "test/\(name)")
    return (0..<rows).flatMap { _ -> [Scalar] in
      let shares = (0..<classes).map { _ in stream.uniform() + 0.1 }
      let sum = shares.reduce(0, +)
      return shares.map { Scalar($0 / sum) }
    }
  }

  /// A number that two names rarely share, for data that wants one.
  public static func salt(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }
}
