// SPDX-License-Identifier: Apache-2.0

import Engine
import TestSupport
import Testing

/// Comparisons notice what they must.
@Suite struct CompareTests {
  private static let numbers: [Float] = [1, -2, 0, 3.5]

  /// All three, at a tolerance of one tenth.
  private static func comparisons(_ actual: [Float], _ expected: [Float]) -> [String?] {
    [
      Compare.exact(actual, expected), Compare.bits(actual, expected),
      Compare.close(actual, expected, tolerance: 0.1),
    ]
  }

  @Test func equalNumbersAreEqual() {
    #expect(Self.comparisons(Self.numbers, Self.numbers) == [nil, nil, nil])
    #expect(Self.comparisons([], []) == [nil, nil, nil])
  }

  @Test func aNaNOnEitherSideIsADifference() {
    var broken = Self.numbers
    broken[2] = .nan
    for (actual, expected) in [
      (broken, Self.numbers), (Self.numbers, broken), (broken, broken),
    ] {
      #expect(!Self.comparisons(actual, expected).contains(nil))
    }
  }

  @Test func anotherLengthIsADifference() {
    for other in [[], Self.numbers.dropLast(), Self.numbers + [0]] as [[Float]] {
      #expect(!Self.comparisons(other, Self.numbers).contains(nil))
      #expect(!Self.comparisons(Self.numbers, other).contains(nil))
    }
    #expect(Compare.exact([1], [1, 2], "widths") == "widths: 1 numbers, expected 2")
  }

  @Test func theFirstDifferenceIsTold() {
    #expect(
      Compare.exact([1, 2, 4, 9], [1, 2, 3, 4], "sums")
        == "sums: 2 of 4 differ, the first at 2: 4, expected 3"
        || Compare.exact([1.0, 2, 4, 9], [1, 2, 3, 4], "sums")
          == "sums: 2 of 4 differ, the first at 2: 4.0, expected 3.0"
    )
  }

  @Test func swappedChannelsAreADifference() {
    #expect(!Self.comparisons([1, 2, 3, 4], [2, 1, 4, 3]).contains(nil))
  }

  @Test func bitsSeeTheSignOfZero() {
    #expect(Compare.exact([Float(0)], [-0.0]) == nil)
    #expect(Compare.bits([Float(0)], [-0.0]) != nil)
  }

  @Test func closenessIsMeasuredByTheLargestNumber() {
    #expect(Compare.close([10, 0.9], [10, 0.0], tolerance: 0.1) == nil)
    #expect(Compare.close([10, 1.1], [10, 0.0], tolerance: 0.1) != nil)
    #expect(Compare.close([1e-9], [0.0], tolerance: 0.1) != nil)
    #expect(Compare.close([1e-9], [0.0], tolerance: 0.1, least: 1) == nil)
  }

  @Test func infinitiesAreNeverClose() {
    #expect(Compare.close([Float.infinity], [Float.infinity], tolerance: 0.1) != nil)
    #expect(Compare.close([Float.infinity], [Float(1)], tolerance: 0.1) != nil)
    #expect(Compare.close([Float(1)], [Float.infinity], tolerance: 0.1) != nil)
  }
}
