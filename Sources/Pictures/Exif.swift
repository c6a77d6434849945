// SPDX-License-Identifier: Apache-2.0

/// The one thing that decoding needs of a camera's notes: how the camera was held.
///
/// Read here and not with libexif, which parses every maker's notes for it: the way to one number
/// is a header and a list, and every step is checked against the bytes that there are. What counts as a
/// statement is what Pillow's `exif_transpose` takes for one.
enum Exif {
  /// What a block says.
  enum Statement: Equatable {
    case stated(Orientation)
    /// It says something else; whoever else states an orientation is not asked then.
    case wrong
    case absent
  }

  private static let tag = 0x0112
  /// How many bytes a value of each type has.
  private static let sizes = [
    1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8,
  ]

  /// The orientation that a TIFF block states, in the last entry of its first directory that does.
  static func orientation(in block: ArraySlice<UInt8>) -> Statement {
    guard !block.isEmpty else { return .absent }
    guard let reader = Reader(block) else { return .wrong }
    var found = Statement.absent
    guard let directory = reader.integer(at: 4, bytes: 4),
      let count = reader.integer(at: directory, bytes: 2)
    else { return found }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = reader.integer(at: place, bytes: 2), place + 12 <= block.count else { break }
      if tag == Self.tag, let own = statement(at: place, reader) { found = own }
    }
    return found
  }

  /// What an entry says; nil where there is no value at all.
  private static func statement(at place: Int, _ reader: Reader) -> Statement? {
    guard let type = reader.integer(at: place + 2, bytes: 2), let size = sizes[type],
      let count = reader.integer(at: place + 4, bytes: 4), count > 0
    else { return nil }
    let total = size * count
    let start = total <= 4 ? place + 8 : reader.integer(at: place + 8, bytes: 4) ?? -1
    guard reader.holds(total, at: start) else { return nil }
    let value = number(of: type, at: start, size, reader)
    guard let value, let whole = Int(exactly: value), let orientation = Orientation(rawValue: whole)
    else { return .wrong }
    return .stated(orientation)
  }

  /// The first value; nil where it is a text or bytes. Numbers from 1 to 8 are all that matters.
  private static func number(of type: Int, at place: Int, _ size: Int, _ reader: Reader) -> Double?
  {
    guard let bits = reader.bits(at: place, bytes: size) else { return nil }
    func integer(_ place: Int) -> Double? { reader.integer(at: place, bytes: 4).map { Double($0) } }
    switch type {
    // Negative numbers are too large without their sign.
    case 3, 4, 6, 8, 9, 13, 16: return Double(bits)
    case 5, 10:
      guard let above = integer(place), let below = integer(place + 4), below != 0 else {
        return nil
      }
      return above / below
    case 11: return Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case 12: return Double(bitPattern: bits)
    default: return nil
    }
  }

  private struct Reader {
    private let bytes: ArraySlice<UInt8>
    private let isBigEndian: Bool

    init?(_ bytes: ArraySlice<UInt8>) {
      let marks: [[UInt8]] = [[0, 42], [42, 0]]
      guard bytes.count >= 4, marks.contains(Array(bytes.dropFirst(2).prefix(2))) else {
        return nil
      }
      self.bytes = bytes
      if bytes.starts(with: [0x4D, 0x4D]) {
        isBigEndian = true
      } else if bytes.starts(with: [0x49, 0x49]) {
        isBigEndian = false
      } else {
        return nil
      }
    }

    func holds(_ count: Int, at place: Int) -> Bool {
      place >= 0 && place <= bytes.count - count
    }

    func bits(at place: Int, bytes count: Int) -> UInt64? {
      guard holds(count, at: place) else { return nil }
      let start = bytes.startIndex + place
      let own = bytes[start..<start + count]
      return isBigEndian
        ? own.reduce(0) { $0 << 8 | UInt64($1) }
        : own.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    func integer(at place: Int, bytes count: Int) -> Int? {
      bits(at: place, bytes: count).flatMap { Int(exactly: $0) }
    }
  }
}
