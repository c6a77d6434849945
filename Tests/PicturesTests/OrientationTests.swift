// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Pictures

/// What states an orientation, and what does not; the answers are those of Pillow 12.0's
/// `exif_transpose`, which `make parity` asks again.
@Suite struct OrientationTests {
  private static func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A little-endian TIFF block with entries of a type, a count and four bytes, and what follows them.
  private static func block(
    _ entries: [(type: Int, count: Int, value: [UInt8])], _ rest: [UInt8] = []
  ) -> [UInt8] {
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
    bytes += number(entries.count, 2)
    for entry in entries {
      bytes += number(0x0112, 2) + number(entry.type, 2) + number(entry.count, 4)
      bytes += entry.value
    }
    return bytes + [0, 0, 0, 0] + rest
  }

  /// Where a value of more than four bytes stands behind one entry.
  private static let behind = number(26, 4)
  private static let six = number(6, 4)

  private static let turned: [[UInt8]] = [
    block([(3, 1, six)]), block([(4, 1, six)]), block([(6, 1, six)]), block([(8, 1, six)]),
    block([(9, 1, six)]), block([(13, 1, six)]), block([(11, 1, number(0x40C0_0000, 4))]),
    block([(5, 1, behind)], number(12, 4) + number(2, 4)), block([(16, 1, behind)], number(6, 8)),
    block([(10, 1, behind)], number(6, 4) + number(1, 4)),
    block([(12, 1, behind)], number(0x4018_0000_0000_0000, 8)),
    block([(3, 2, [6, 0, 1, 0])]), block([(3, 3, behind)], [6, 0, 1, 0, 1, 0]),
    block([(3, 1, six), (99, 1, number(1, 4))]), block([(3, 1, number(1, 4)), (3, 1, six)]),
    Array([0x49, 0x49, 0, 42] + block([(3, 1, six)]).dropFirst(4)),
    [0x4D, 0x4D, 42, 0, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0],
    [0x4D, 0x4D, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0],
  ]
  /// They state something, so that XMP is not asked.
  private static let wrong: [[UInt8]] = [
    block([(1, 1, six)]), block([(2, 2, [0x36, 0, 0, 0])]), block([(7, 1, six)]),
    block([(3, 1, number(9, 4))]), block([(4, 1, number(65_542, 4))]),
    block([(9, 1, number(-6, 4))]), block([(3, 2, [1, 0, 6, 0])]),
    Array("XX*\0garbage".utf8), block([(3, 1, six), (3, 1, number(9, 4))]),
  ]
  private static let absent: [[UInt8]] = [
    [], block([(99, 1, six)]), block([(3, 0, six)]), block([(5, 1, number(9999, 4))]),
    Array(block([(3, 1, six)]).prefix(20)), block([]), Array(block([]).prefix(8)),
    [0x49, 0x49, 42, 0, 255, 255, 255, 255, 1, 0],
  ]

  @Test func whatStatesAnOrientationIsWhatPillowTakesForIt() {
    for block in Self.turned {
      // Not at the start of its array, as in a file.
      #expect(Exif.orientation(in: ([7, 7] + block)[2...]) == .stated(.turnedLeft), "\(block)")
    }
    let upright = Exif.Statement.stated(.upright)
    for block in Self.wrong {
      #expect([.wrong, upright].contains(Exif.orientation(in: block[...])), "\(block)")
    }
    for block in Self.absent {
      #expect(Exif.orientation(in: block[...]) == .absent, "\(block)")
    }
  }

  /// Whether a picture that is wider than high stands on its side once it is read.
  private func isTurned(jpeg segments: [[UInt8]]) throws -> Bool {
    let whole = try GoldenPictures.bytes("colour-444.jpg")
    var bytes = Array(whole.prefix(2))
    for segment in segments {
      bytes += [0xFF, 0xE1] + Self.number(segment.count + 2, 2).reversed() as [UInt8]
      bytes += segment
    }
    let picture = try Picture(bytes: bytes + whole.dropFirst(2), name: "noted")
    return picture.height > picture.width
  }

  private func isTurned(before: [[UInt8]] = [], after: [[UInt8]] = []) throws -> Bool {
    let whole = try GoldenPictures.bytes("colour-8.png")
    let header = 33
    var bytes = Array(whole.prefix(header)) + before.joined()
    bytes += whole.dropFirst(header).dropLast(12)
    bytes += after.joined() + whole.suffix(12)
    let picture = try Picture(bytes: bytes, name: "noted")
    return picture.height > picture.width
  }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let named = Array(name.utf8) + content
    let sum = Int(Damage.crc32(named))
    let (length, end): ([UInt8], [UInt8]) = (
      number(content.count, 4).reversed(), number(sum, 4).reversed()
    )
    return length + named + end
  }

  private static let exif = Array("Exif\0\0".utf8)
  private static func xmp(_ text: String) -> [UInt8] {
    Array("http://ns.adobe.com/xap/1.0/\0".utf8) + text.utf8
  }

  @Test func xmpIsAskedWhereExifStatesNothing() throws {
    let turning = Self.xmp("<x tiff:Orientation=\"6\"/>")
    #expect(try isTurned(jpeg: [turning]))
    #expect(try isTurned(jpeg: [Self.xmp("<tiff:Orientation>6</tiff:Orientation>")]))
    #expect(try isTurned(jpeg: [Self.xmp("tiff:Orientation=\"1\""), turning]))
    #expect(try isTurned(jpeg: [Self.xmp("tiff:Orientation=\"x\" tiff:Orientation=\"6\"")]))
    for text in [
      "tiff:Orientation='6'", "tiff:Orientation=\"9\"", "TIFF:orientation=\"6\"",
      "tiff:Orientation=\"1\" tiff:Orientation=\"6\"",
    ] {
      #expect(try !isTurned(jpeg: [Self.xmp(text)]), "\(text)")
    }
    for block in Self.absent { #expect(try isTurned(jpeg: [Self.exif + block, turning])) }
    for block in Self.wrong { #expect(try !isTurned(jpeg: [Self.exif + block, turning])) }
  }

  @Test func exifMayTakeSeveralSegments() throws {
    let (turning, upright) = (Self.turned[0], Self.block([(3, 1, Self.number(1, 4))]))
    #expect(
      try isTurned(jpeg: [Self.exif + turning.prefix(20), Self.exif + turning.dropFirst(20)]))
    #expect(try isTurned(jpeg: [Self.exif + turning, Self.exif + upright]))
  }

  @Test func textsOfPNGAreReadBeforeAndBehindThePixels() throws {
    let (turning, upright) = (Self.turned[0], Self.block([(3, 1, Self.number(1, 4))]))
    func raw(_ block: [UInt8]) -> [UInt8] {
      let digits = block.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
      let text = "Raw profile type exif\0\nexif\n      \(block.count)\n\(digits.prefix(36))\n"
      return Self.chunk("tEXt", Array("\(text)\(digits.dropFirst(36))\n".utf8))
    }
    func note(_ text: String) -> [UInt8] {
      Self.chunk("iTXt", Array("XML:com.adobe.xmp\0\0\0\0\0\(text)".utf8))
    }
    let turningNote = note("tiff:Orientation=\"6\"")
    #expect(try isTurned(before: [raw(Self.exif + turning)]))
    #expect(try isTurned(after: [raw(turning)]))
    #expect(try isTurned(before: [turningNote]))
    #expect(try isTurned(after: [turningNote]))
    #expect(try isTurned(before: [note("tiff:Orientation=\"1\""), turningNote]))
    #expect(try isTurned(before: [Self.chunk("eXIf", upright), Self.chunk("eXIf", turning)]))
    #expect(try !isTurned(before: [raw(turning)], after: [Self.chunk("eXIf", upright)]))
    #expect(try !isTurned(before: [raw(upright), turningNote]))
    #expect(try !isTurned())
  }
}
