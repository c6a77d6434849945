// SPDX-License-Identifier: Apache-2.0

/// What is noted in a picture's file beside its pixels, as far as it says how the picture stands: EXIF,
/// or else XMP, as Pillow's `exif_transpose` reads them.
struct PictureNotes {
  /// A TIFF block.
  private var exif: [UInt8]?
  private var xmp: [UInt8]?

  private static let exifMark = Array("Exif\0\0".utf8)
  private static let xmpMark = Array("http://ns.adobe.com/xap/1.0/\0".utf8)

  var orientation: Orientation {
    switch exif.map({ Exif.orientation(in: $0[...]) }) ?? .absent {
    case .stated(let orientation): orientation
    case .wrong: .upright
    case .absent: xmp.flatMap(Self.orientation(inXMP:)) ?? .upright
    }
  }

  /// Takes what an application segment of a JPEG holds. A second EXIF segment goes on with the first; of
  /// XMP the last one counts.
  mutating func add(applicationData bytes: ArraySlice<UInt8>) {
    if bytes.starts(with: Self.exifMark) {
      exif = (exif ?? []) + bytes.dropFirst(Self.exifMark.count)
    } else if bytes.starts(with: Self.xmpMark) {
      xmp = Array(bytes.dropFirst(Self.xmpMark.count))
    }
  }

  /// Takes the EXIF block of a PNG, which counts before a raw profile.
  mutating func add(exif bytes: ArraySlice<UInt8>) {
    exif = Array(bytes.starts(with: Self.exifMark) ? bytes.dropFirst(6) : bytes)
  }

  mutating func add(xmp bytes: [UInt8]) { xmp = bytes }

  /// Takes a text `Raw profile type exif`: a line feed, the kind, the count of bytes, and the bytes as
  /// hexadecimal digits, a line each.
  mutating func add(rawProfile text: [UInt8]) {
    guard exif == nil else { return }
    let lines = text.split(separator: 10, omittingEmptySubsequences: false).dropFirst(3)
    let digits = lines.joined().filter { $0 > 32 }.map {
      Character(Unicode.Scalar($0)).hexDigitValue
    }
    guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 != nil }) else { return }
    let values = digits.compactMap { $0 }
    let bytes = stride(from: 0, to: values.count, by: 2).map {
      UInt8(16 * values[$0] + values[$0 + 1])
    }
    add(exif: bytes[...])
  }

  /// The first `tiff:Orientation="6"` or `tiff:Orientation>6`.
  private static func orientation(inXMP bytes: [UInt8]) -> Orientation? {
    let name = Array("tiff:Orientation".utf8)
    let beginnings = [Array("=\"".utf8), Array(">".utf8)]
    for place in bytes.indices where bytes[place...].starts(with: name) {
      let rest = bytes[(place + name.count)...]
      guard let beginning = beginnings.first(where: rest.starts),
        let digit = rest.dropFirst(beginning.count).first,
        let value = Character(Unicode.Scalar(digit)).wholeNumberValue
      else { continue }
      return Orientation(rawValue: value)
    }
    return nil
  }
}
