// SPDX-License-Identifier: Apache-2.0

import RandomStreams

/// Ways to damage the bytes of a file, the same ones at every run.
public enum Damage {
  /// As many of a list's items as wanted, evenly spread.
  public static func spread<Item>(_ items: [Item], _ count: Int) -> [Item] {
    count >= items.count ? items : (0..<count).map { items[$0 * items.count / count] }
  }

  /// Lengths to cut a file off at, from nothing to all but its last byte.
  public static func cuts(_ size: Int, count: Int) -> [Int] {
    spread(Array(0..<size - 1), count - 1) + [size - 1]
  }

  /// Bits of some bytes, as positions of bytes and masks; no two the same.
  public static func bits(
    of positions: [Int], count: Int
  ) -> [(position: Int, mask: UInt8)] {
    let count = min(count, 8 * positions.count)
    // Five is coprime to eight: neighbours, which may share a byte, take different bits of it.
    return (0..<count).map { (positions[$0 * positions.count / count], 1 << UInt8($0 * 5 % 8)) }
  }

  /// One to three flipped bits.
  public static func flipped(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var damaged = bytes
    for _ in 0...random.integer(below: 3) {
      damaged[random.integer(below: bytes.count)] ^= 1 << UInt8(random.integer(below: 8))
    }
    return damaged
  }

  /// A stretch of noise, left out, or repeated.
  public static func rewritten(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    let start = random.integer(below: bytes.count)
    let end = min(bytes.count, start + 1 + random.integer(below: 24))
    let stretch: [UInt8] =
      switch random.integer(below: 3) {
      case 0: (start..<end).map { _ in UInt8(truncatingIfNeeded: random.nextUInt32()) }
      case 1: []
      default: Array(bytes[start..<end] + bytes[start..<end])
      }
    return bytes[..<start] + stretch + bytes[end...]
  }

  /// The CRC-32 of PNG, ZIP and our seals.
  public static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
