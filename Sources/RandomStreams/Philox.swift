// SPDX-License-Identifier: Apache-2.0

/// The counter-based generator Philox4x32-10: ten rounds that turn a 128-bit counter and a 64-bit
/// key into 128 random bits.
///
/// There is no state to advance: the same counter and key always give the same bits, which is what
/// lets a killed run resume, and any number of threads draw, without a change in the numbers.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
public enum Philox {
  /// The four 32-bit words for one counter.
  @inlinable
  public static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    // Four separate words: the compiler keeps them in registers, which it does not do for a vector
    // whose lanes are multiplied one by one.
    var (c0, c1, c2, c3) = (counter[0], counter[1], counter[2], counter[3])
    var (k0, k1) = (key[0], key[1])
    for _ in 0..<10 {
      let first = UInt64(0xD251_1F53) * UInt64(c0)
      let second = UInt64(0xCD9E_8D57) * UInt64(c2)
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: second >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: first)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return SIMD4(c0, c1, c2, c3)
  }
}
