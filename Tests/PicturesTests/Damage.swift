import RandomStreams

/// Ways to spoil a picture file.
enum Damage {
  /// Where a JPEG's frame header begins (0xFF 0xC0 or 0xC2).
  static func frame(_ bytes: [UInt8]) -> Int? {
    (0..<bytes.count - 9).first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) }
  }

  /// A JPEG whose header states another size.
  static func jpeg(_ bytes: [UInt8], height: Int, width: Int) -> [UInt8] {
    var damaged = bytes
    guard let frame = frame(bytes) else { return bytes }
    for (place, value) in [(frame + 5, height), (frame + 7, width)] {
      damaged[place] = UInt8(truncatingIfNeeded: value >> 8)
      damaged[place + 1] = UInt8(truncatingIfNeeded: value)
    }
    return damaged
  }

  /// A PNG whose header states another size, its checksum right.
  static func png(_ bytes: [UInt8], height: Int, width: Int) -> [UInt8] {
    var damaged = bytes
    for (place, value) in [(16, width), (20, height)] { put(value, at: place, in: &damaged) }
    put(Int(GoldenPictures.crc32(damaged[12..<29])), at: 29, in: &damaged)
    return damaged
  }

  private static func put(_ value: Int, at place: Int, in bytes: inout [UInt8]) {
    for byte in 0..<4 {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (24 - 8 * byte))
    }
  }

  /// One to three flipped bits.
  static func flipped(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var damaged = bytes
    for _ in 0...random.integer(below: 3) {
      damaged[random.integer(below: bytes.count)] ^= 1 << UInt8(random.integer(below: 8))
    }
    return damaged
  }

  /// A stretch of noise, left out, or repeated.
  static func rewritten(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
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
}
