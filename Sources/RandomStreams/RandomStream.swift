// SPDX-License-Identifier: Apache-2.0

import Foundation

/// One named sequence of random numbers.
///
/// A stream is addressed by a seed, a name that says what it is used for, and up to two indices
/// (an epoch and an image, say). Streams with different addresses are independent, so no draw
/// depends on the order in which other draws were made: `RandomStream(seed: 1, "augmentation", 3,
/// 17)` is the same sequence in a fresh run, in a resumed one and on any thread.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private let key: SIMD2<UInt32>
  private let address: SIMD2<UInt32>
  private var block: UInt64 = 0
  private var words = SIMD4<UInt32>()
  private var nextWord = 4
  private var spareNormal: Double?

  /// - Parameters:
  ///   - seed: the run's seed.
  ///   - name: what the numbers are for, e.g. `"initialisation/stem/kernel"`.
  ///   - first: an index inside the name; it must fit in 32 bits.
  ///   - second: likewise.
  public init(seed: UInt64, _ name: String, _ first: Int = 0, _ second: Int = 0) {
    let hash = Self.hash(seed: seed, name)
    key = SIMD2(UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32))
    address = SIMD2(UInt32(first), UInt32(second))
  }

  public mutating func next() -> UInt64 {
    let low = UInt64(nextUInt32())
    return low | UInt64(nextUInt32()) << 32
  }

  /// 32 random bits.
  public mutating func nextUInt32() -> UInt32 {
    if nextWord == 4 {
      let counter = SIMD4(
        UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32),
        address[0], address[1])
      words = Philox.words(counter: counter, key: key)
      block += 1
      nextWord = 0
    }
    defer { nextWord += 1 }
    return words[nextWord]
  }

  /// A number in [0, 1), a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float {
    Float(nextUInt32() >> 8) * 0x1p-24
  }

  /// A standard normal number, by the Box–Muller transform.
  public mutating func normal() -> Float {
    if let spare = spareNormal {
      spareNormal = nil
      return Float(spare)
    }
    let first = (Double(nextUInt32()) + 0.5) * 0x1p-32
    let second = (Double(nextUInt32()) + 0.5) * 0x1p-32
    let radius = (-2 * log(first)).squareRoot()
    let angle = 2 * Double.pi * second
    spareNormal = radius * sin(angle)
    return Float(radius * cos(angle))
  }

  /// An integer in `0..<bound`, each equally likely.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "an integer below \(bound) does not exist")
    return Int.random(in: 0..<bound, using: &self)
  }

  /// The numbers `0..<count` in random order (Fisher and Yates).
  public mutating func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, integer(below: last + 1))
    }
    return order
  }

  /// FNV-1a over the name, then SplitMix64's finaliser over it and the seed.
  private static func hash(seed: UInt64, _ name: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 {
      hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    hash ^= mix(seed &+ 0x9E37_79B9_7F4A_7C15)
    return mix(hash)
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var value = value
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
