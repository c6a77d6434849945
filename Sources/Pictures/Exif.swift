// SPDX-License-Identifier: Apache-2.0

/// The one thing that decoding needs of a camera's notes: how the camera was held.
///
/// Read here and not with libexif, which parses every maker's notes for it: the way to one number
/// is a header and a list, and every step is checked against the bytes that there are.
enum Exif {
  /// The orientation that a TIFF block states, or nil where it states none or a wrong one.
  static func orientation(in block: ArraySlice<UInt8>) -> Orientation? {
    let reader = Reader(block)
    guard let reader, let directory = reader.integer(at: 4, bytes: 4),
      let count = reader.integer(at: directory, bytes: 2)
    else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = reader.integer(at: place, bytes: 2) else { return nil }
      guard tag == 0x0112 else { continue }
      // One 16-bit number, as all cameras write it.
      guard reader.integer(at: place + 2, bytes: 2) == 3,
        let value = reader.integer(at: place + 8, bytes: 2)
      else { return nil }
      return Orientation(rawValue: value)
    }
    return nil
  }

  private struct Reader {
    private let bytes: ArraySlice<UInt8>
    private let isBigEndian: Bool

    init?(_ bytes: ArraySlice<UInt8>) {
      self.bytes = bytes
      if bytes.starts(with: [0x4D, 0x4D, 0, 42]) {
        isBigEndian = true
      } else if bytes.starts(with: [0x49, 0x49, 42, 0]) {
        isBigEndian = false
      } else {
        return nil
      }
    }

    func integer(at place: Int, bytes count: Int) -> Int? {
      guard place >= 0, place <= bytes.count - count else { return nil }
      let start = bytes.startIndex + place
      let own = bytes[start..<start + count]
      return isBigEndian
        ? own.reduce(0) { $0 << 8 | Int($1) } : own.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
  }
}
