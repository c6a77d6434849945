// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams

/// Standard normal numbers in single precision, four at a time.
///
/// A set of textures needs tens of millions of them. Counting Philox blocks under a key that a
/// `RandomStream` gives is addressed like the stream itself and several times as fast as
/// `normal()`, which hands out single numbers computed in Double.
struct NormalSource {
  private let key: SIMD2<UInt32>
  private var block: UInt64 = 0

  init(_ stream: RandomStream) {
    var stream = stream
    key = SIMD2(stream.nextUInt32(), stream.nextUInt32())
  }

  /// Four independent numbers, by the Box–Muller transform.
  @inline(__always)
  mutating func next() -> SIMD4<Float> {
    let counter = SIMD4<UInt32>(
      UInt32(truncatingIfNeeded: block), UInt32(truncatingIfNeeded: block >> 32), 0, 0)
    block += 1
    let words = Philox.words(counter: counter, key: key)
    let first = Self.pair(words[0], words[1])
    let second = Self.pair(words[2], words[3])
    return SIMD4(first.0, first.1, second.0, second.1)
  }

  /// Fills part of an array with `scale` times such numbers.
  mutating func fill(_ values: inout [Float], in range: Range<Int>, scale: Float) {
    var index = range.lowerBound
    while index < range.upperBound {
      let four = scale * next()
      for lane in 0..<min(4, range.upperBound - index) { values[index + lane] = four[lane] }
      index += 4
    }
  }

  @inline(__always)
  private static func pair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    // The largest words round to 1, whose logarithm, 0, is harmless.
    let radius = (-2 * logf((Float(first) + 0.5) * 0x1p-32)).squareRoot()
    let angle = Float(second) * (2 * Float.pi * 0x1p-32)
    return (radius * cosf(angle), radius * sinf(angle))
  }
}
