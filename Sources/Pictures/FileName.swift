// SPDX-License-Identifier: Apache-2.0

/// Names of files as texts, whatever bytes they hold; systems take names for bytes, and old archives
/// hold such as are no UTF-8.
public enum FileName {
  /// A name as a text. Where it is UTF-8, the same; else every byte that is none is written as `\xE9`,
  /// and so is a backslash that would be read as the beginning of such.
  public static func text(of bytes: [UInt8]) -> String {
    if !bytes.contains(backslash), let text = String(validating: bytes, as: UTF8.self) {
      return text
    }
    var text = ""
    var place = 0
    while place < bytes.count {
      let end = min(place + length(bytes[place]), bytes.count)
      if escaped(bytes, at: place) == nil,
        let part = String(validating: bytes[place..<end], as: UTF8.self)
      {
        text += part
        place = end
      } else {
        let digits = String(bytes[place], radix: 16, uppercase: true)
        text += digits.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
        place += 1
      }
    }
    return text
  }

  /// The bytes of a name, or of a path, and a zero at the end, as the system's calls take them.
  public static func bytes(of text: String) -> [CChar] {
    let utf8 = Array(text.utf8)
    var bytes: [CChar] = []
    var place = 0
    while place < utf8.count {
      let byte = escaped(utf8, at: place)
      bytes.append(CChar(bitPattern: byte ?? utf8[place]))
      place += byte == nil ? 1 : 4
    }
    return bytes + [0]
  }

  /// Whether a name stands before another by the code points that Python sees in them; the order of
  /// the classes that Keras and torchvision make of folders.
  ///
  /// Swift's own order takes an accent that is a character of its own for a part of its letter.
  public static func precedes(_ first: String, _ second: String) -> Bool {
    guard first.utf8.contains(backslash) || second.utf8.contains(backslash) else {
      return first.utf8.lexicographicallyPrecedes(second.utf8)
    }
    return codePoints(first).lexicographicallyPrecedes(codePoints(second))
  }

  private static let backslash = UInt8(ascii: "\\")

  /// Python takes a byte that is no UTF-8 for a code point from 0xDC80 on.
  private static func codePoints(_ text: String) -> [UInt32] {
    var points: [UInt32] = []
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      let start = rest.prefix(4).compactMap { UInt8(exactly: $0.value) }
      let byte = start.count == 4 ? escaped(start, at: 0) : nil
      points.append(byte.map { $0 < 0x80 ? UInt32($0) : 0xDC00 + UInt32($0) } ?? scalar.value)
      rest = rest.dropFirst(byte == nil ? 1 : 4)
    }
    return points
  }

  /// The byte that `\x` and two digits stand for.
  private static func escaped(_ bytes: [UInt8], at place: Int) -> UInt8? {
    guard place + 4 <= bytes.count, bytes[place] == backslash,
      bytes[place + 1] == UInt8(ascii: "x"),
      bytes[place + 2..<place + 4].allSatisfy(isDigit)
    else { return nil }
    return UInt8(String(decoding: bytes[place + 2..<place + 4], as: UTF8.self), radix: 16)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }

  /// Bytes of the character that begins with this one, if it is one.
  private static func length(_ first: UInt8) -> Int {
    switch first {
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 1
    }
  }
}
