// SPDX-License-Identifier: Apache-2.0

/// The headers of pictures in files, to make them say something else.
public enum PictureHeaders {
  /// A stretch of a JPEG before its pixels: a marker, a length, and what belongs to them.
  public struct Segment: Sendable {
    public var marker: UInt8
    /// From the marker's 0xFF on.
    public var bytes: Range<Int>
  }

  /// The segments of an undamaged JPEG, up to the first scan's header.
  public static func segments(jpeg bytes: [UInt8]) -> [Segment] {
    var segments: [Segment] = []
    var place = 2
    while segments.last?.marker != 0xDA {
      let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
      segments.append(Segment(marker: bytes[place + 1], bytes: place..<place + 2 + length))
      place += 2 + length
    }
    return segments
  }

  /// Where the frame's header begins (0xFF 0xC0 or another process).
  public static func frame(jpeg bytes: [UInt8]) -> Int? {
    let frames: Set<UInt8> = [0xC0, 0xC1, 0xC2, 0xC9]
    return segments(jpeg: bytes).first { frames.contains($0.marker) }?.bytes.lowerBound
  }

  /// A JPEG whose header states another size.
  public static func jpeg(_ bytes: [UInt8], height: Int, width: Int) -> [UInt8] {
    guard let frame = frame(jpeg: bytes) else { return bytes }
    var damaged = bytes
    put(height, bytes: 2, at: frame + 5, in: &damaged)
    put(width, bytes: 2, at: frame + 7, in: &damaged)
    return damaged
  }

  /// A PNG whose header states another size, its checksum right.
  public static func png(_ bytes: [UInt8], height: Int, width: Int) -> [UInt8] {
    var damaged = bytes
    put(width, bytes: 4, at: 16, in: &damaged)
    put(height, bytes: 4, at: 20, in: &damaged)
    put(Int(Damage.crc32(damaged[12..<29])), bytes: 4, at: 29, in: &damaged)
    return damaged
  }

  private static func put(_ value: Int, bytes count: Int, at place: Int, in bytes: inout [UInt8]) {
    for byte in 0..<count {
      bytes[place + byte] = UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - byte)))
    }
  }
}
