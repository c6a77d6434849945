// SPDX-License-Identifier: Apache-2.0

/// The parts of a JPEG file that the decoder does not hand out.
struct JPEGSegments {
  private(set) var notes = PictureNotes()

  /// - Throws: where a segment is too short to be one, which the decoder ignores, and where the file
  ///   has no end marker after its pixels: it was cut off.
  init(_ bytes: [UInt8], name: String) throws(PictureError) {
    var place = 2
    while let marker = Self.marker(bytes, &place), marker != 0xDA {
      guard place + 2 <= bytes.count else { break }
      let count = Int(bytes[place]) << 8 | Int(bytes[place + 1])
      guard count >= 2 else {
        throw PictureError(
          file: name, value: "has a segment of \(count) bytes",
          rule: "must be an undamaged JPEG, whose segments have at least 2")
      }
      let content = place + 2..<max(place + 2, min(place + count, bytes.count))
      if marker == 0xE1 { notes.add(applicationData: bytes[content]) }
      place += count
    }
    guard Self.hasEnd(bytes, from: place) else {
      throw PictureError(
        file: name, value: "has no end marker", rule: "must be a whole JPEG; it is cut off")
    }
  }

  /// The next marker that has a length, `place` then being behind it.
  private static func marker(_ bytes: [UInt8], _ place: inout Int) -> UInt8? {
    while place + 1 < bytes.count {
      defer { place += 1 }
      let next = bytes[place + 1]
      // 0xFF fills, 0xFF00 is a stuffed byte, 0xD0…0xD9 and 0x01 have no length.
      guard bytes[place] == 0xFF, next != 0xFF, next != 0, next != 1,
        !(0xD0...0xD9).contains(next)
      else { continue }
      place += 1
      return next
    }
    return nil
  }

  private static func hasEnd(_ bytes: [UInt8], from place: Int) -> Bool {
    // Nearly always the last two bytes.
    var index = bytes.count - 2
    while index >= place {
      if bytes[index] == 0xFF, bytes[index + 1] == 0xD9 { return true }
      index -= 1
    }
    return false
  }
}
