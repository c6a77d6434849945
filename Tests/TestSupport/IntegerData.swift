// SPDX-License-Identifier: Apache-2.0

/// Small integers for exact tests: products and sums of them are exact in 32-bit floats as long
/// as every sum stays below 2^24, in any order of summation.
public enum IntegerData {
  /// `count` integers in −bound...bound, never all equal when count > 1, the same for the same
  /// salt. With bound 4, sums of up to a million products are exact.
  public static func values<T: BinaryFloatingPoint>(
    _ count: Int, salt: UInt64, bound: Int = 4
  ) -> [T] {
    // splitmix64: tests want plain numbers here, not the library under test.
    var state = salt &* 0x9E37_79B9_7F4A_7C15 &+ 0x1234_5678_9ABC_DEF1
    var result = (0..<count).map { _ -> T in
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      z ^= z >> 31
      return T(Int(z % UInt64(2 * bound + 1)) - bound)
    }
    if count > 1, result.allSatisfy({ $0 == result[0] }) {
      result[count - 1] = result[0] > 0 ? result[0] - 1 : result[0] + 1
    }
    return result
  }
}
