// SPDX-License-Identifier: Apache-2.0

import CJPEG

/// Reads JPEG. The only code of this module that touches libjpeg-turbo.
enum JPEGFile {
  /// The pixels as they are stored, the orientation not yet applied; decoded as Pillow does, with
  /// the accurate transform and smooth upsampling of colours.
  ///
  /// - Returns: the picture, and the first of libjpeg's warnings of what may cost pixels.
  static func decode(
    _ bytes: [UInt8], name: String
  ) throws(PictureError) -> (picture: Picture, warning: String?) {
    var header = continuum_jpeg_header()
    _ = try read(bytes, &header, into: nil, name: name)
    let (height, width) = (header.height, header.width)
    try check(height: height, width: width, bytes, name: name)
    let hasInks = header.has_inks != 0
    let total = width * height * (hasInks ? 4 : 3)
    var failure: PictureError?
    var warning: String?
    let pixels = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      do throws(PictureError) {
        warning = try read(bytes, &header, into: buffer.baseAddress, name: name)
        count = total
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    let picture = Picture(
      height: height, width: width, pixels: hasInks ? colours(ofInks: pixels) : pixels)
    return (picture, warning)
  }

  /// The header and, where there is room for them, the pixels; returns a warning, if there is one.
  private static func read(
    _ bytes: [UInt8], _ header: inout continuum_jpeg_header,
    into pixels: UnsafeMutablePointer<UInt8>?, name: String
  ) throws(PictureError) -> String? {
    var message = [CChar](repeating: 0, count: 200)
    let isRead = continuum_jpeg_decode(
      bytes, bytes.count, &header, pixels, &message, message.count)
    let reason = String(
      decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard isRead == 1 else {
      throw PictureError(
        file: name, value: "cannot be decoded (\(reason))",
        rule: "must be an undamaged 8-bit JPEG")
    }
    return reason.isEmpty ? nil : reason
  }

  private static func check(
    height: Int, width: Int, _ bytes: [UInt8], name: String
  ) throws(PictureError) {
    try PictureFile.check(height: height, width: width, name: name)
    // Huffman's shortest code is a bit, and every block of 64 pixels has one at least.
    try PictureFile.check(height * width / 512, bytesFor: height, width, in: bytes, name: name)
  }

  /// Red, green and blue of printing inks, which files hold inverted, by Pillow's formula.
  private static func colours(ofInks inks: [UInt8]) -> [UInt8] {
    var pixels = [UInt8](repeating: 0, count: inks.count / 4 * 3)
    for pixel in 0..<inks.count / 4 {
      let white = Int(inks[4 * pixel + 3])
      for channel in 0..<3 {
        let ink = 255 - Int(inks[4 * pixel + channel])
        let product = ink * white + 128
        pixels[3 * pixel + channel] = UInt8(max(0, white - (product >> 8 + product) >> 8))
      }
    }
    return pixels
  }
}
