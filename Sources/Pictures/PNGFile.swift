// SPDX-License-Identifier: Apache-2.0

import CPNG
import Foundation

/// Reads and writes PNG. The only code of this module that touches libpng.
enum PNGFile {
  /// The pixels as they are stored, the orientation not yet applied; what is noted beside them; and
  /// whether anything is missing behind them.
  static func decode(
    _ bytes: [UInt8], name: String
  ) throws(PictureError) -> (picture: Picture, notes: PictureNotes, warning: String?) {
    let (height, width) = try size(bytes, name: name)
    var message = [CChar](repeating: 0, count: 128)
    var texts = continuum_png_texts()
    defer { continuum_png_free(&texts) }
    var isWhole = false
    let pixels = [UInt8](unsafeUninitializedCapacity: height * width * 3) { buffer, count in
      let decoded = continuum_png_decode(
        bytes, bytes.count, buffer.baseAddress, width, height, &texts, &message, message.count)
      isWhole = decoded == 1 && !(texts.lacks_end == 1 && endsInPixels(bytes))
      count = isWhole ? height * width * 3 : 0
    }
    guard isWhole else {
      let reason = String(
        decoding: message.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
      throw PictureError(
        file: name, value: "cannot be decoded (\(reason))", rule: "must be an undamaged PNG")
    }
    return (
      Picture(height: height, width: width, pixels: pixels), notes(bytes, texts),
      texts.lacks_end == 1 ? "the file ends without its last chunk, IEND" : nil
    )
  }

  private static func notes(_ bytes: [UInt8], _ texts: continuum_png_texts) -> PictureNotes {
    var notes = PictureNotes()
    for chunk in chunks(bytes) where chunk.name == "eXIf" { notes.add(exif: bytes[chunk.content]) }
    if let text = texts.profile {
      notes.add(rawProfile: Array(UnsafeBufferPointer(start: text, count: texts.profile_size)))
    }
    if let text = texts.xmp {
      notes.add(xmp: Array(UnsafeBufferPointer(start: text, count: texts.xmp_size)))
    }
    return notes
  }

  /// The size in the header, which libpng reads once more.
  private static func size(
    _ bytes: [UInt8], name: String
  ) throws(PictureError) -> (height: Int, width: Int) {
    guard bytes.count >= 33, bytes[12..<16].elementsEqual("IHDR".utf8) else {
      throw PictureError(
        file: name, value: "has no header", rule: "must be an undamaged PNG")
    }
    let width = word(bytes, 16)
    let height = word(bytes, 20)
    try PictureFile.check(height: height, width: width, name: name)
    let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][Int(bytes[25])] ?? 1
    let rowBytes = (width * samples * Int(bytes[24]) + 7) / 8
    // zlib packs 1032 bytes into one at best.
    try PictureFile.check(
      rowBytes * height / 1032, bytesFor: height, width, in: bytes, name: name)
    return (height, width)
  }

  /// The chunks, of the last one what there is of it.
  private static func chunks(_ bytes: [UInt8]) -> [(name: String, content: Range<Int>)] {
    var chunks: [(String, Range<Int>)] = []
    var place = 8
    while place + 8 <= bytes.count {
      let name = String(decoding: bytes[place + 4..<place + 8], as: UTF8.self)
      let end = place + 8 + word(bytes, place)
      chunks.append((name, place + 8..<min(end, bytes.count)))
      place = end + 4
    }
    return chunks
  }

  /// Whether a file is cut off in a chunk of pixels, if only in its checksum.
  private static func endsInPixels(_ bytes: [UInt8]) -> Bool {
    guard let last = chunks(bytes).last else { return true }
    return last.name == "IDAT" && last.content.upperBound + 4 > bytes.count
  }

  private static func word(_ bytes: [UInt8], _ place: Int) -> Int {
    bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  static func write(_ picture: Picture, to path: String) throws(PictureError) {
    let bytes = try encode(picture, name: path)
    do {
      // In one go: a picture that is there already is replaced by a whole one or not at all.
      try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      let reason = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)
        .map { String(cString: strerror(Int32($0.code))) }
      throw notWritten(path, reason ?? error.localizedDescription)
    }
  }

  private static func encode(_ picture: Picture, name: String) throws(PictureError) -> [UInt8] {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(picture.width)
    image.height = UInt32(picture.height)
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    let stride = Int32(picture.width * 3)
    var count = png_alloc_size_t()
    // The first time for its size alone.
    var bytes: [UInt8] = []
    let isWritten = picture.pixels.withUnsafeBytes { pixels in
      guard png_image_write_to_memory(&image, nil, &count, 0, pixels.baseAddress, stride, nil) != 0
      else { return false }
      bytes = [UInt8](repeating: 0, count: Int(count))
      return png_image_write_to_memory(
        &image, &bytes, &count, 0, pixels.baseAddress, stride, nil) != 0
    }
    guard isWritten else {
      let message = withUnsafeBytes(of: image.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw notWritten(name, message)
    }
    return Array(bytes.prefix(Int(count)))
  }

  private static func notWritten(_ path: String, _ reason: String) -> PictureError {
    PictureError(
      file: path, value: "cannot be written (\(reason))",
      rule: "must be a place for a new PNG file")
  }
}

extension Picture {
  /// Writes the picture as a PNG.
  public func write(png path: String) throws(PictureError) {
    try PNGFile.write(self, to: path)
  }
}
