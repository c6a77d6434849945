import CJPEG

/// Reads JPEG. The only code of this module that touches libjpeg-turbo.
enum JPEGFile {
  /// The pixels as they are stored, the orientation not yet applied; decoded as Pillow does, with
  /// the accurate transform and smooth upsampling of colours.
  static func decode(_ bytes: [UInt8], name: String) throws(PictureError) -> Picture {
    guard let decoder = tjInitDecompress() else {
      throw PictureError(file: name, rule: "cannot be decoded: out of memory")
    }
    defer { tjDestroy(decoder) }
    var (width, height, subsampling, space): (Int32, Int32, Int32, Int32) = (0, 0, 0, -1)
    let header = tjDecompressHeader3(
      decoder, bytes, UInt(bytes.count), &width, &height, &subsampling, &space)
    // A rare subsampling has no name in this interface, which then reports an error all the same.
    guard header == 0 || (width > 0 && height > 0 && space >= 0) else {
      throw failure(decoder, name)
    }
    try check(height: Int(height), width: Int(width), bytes, name: name)
    let isInk = [TJCS_CMYK.rawValue, TJCS_YCCK.rawValue].contains(UInt32(bitPattern: space))
    let samples = isInk ? 4 : 3
    let format = isInk ? TJPF_CMYK.rawValue : TJPF_RGB.rawValue
    let total = Int(width) * Int(height) * samples
    var status: Int32 = -1
    let pixels = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
      status = tjDecompress2(
        decoder, bytes, UInt(bytes.count), buffer.baseAddress, width, 0, height, format,
        TJFLAG_ACCURATEDCT | TJFLAG_LIMITSCANS)
      count = status == 0 || isHarmless(decoder) ? total : 0
    }
    guard pixels.count == total else { throw failure(decoder, name) }
    return Picture(
      height: Int(height), width: Int(width), pixels: isInk ? colours(ofInks: pixels) : pixels)
  }

  private static func check(
    height: Int, width: Int, _ bytes: [UInt8], name: String
  ) throws(PictureError) {
    try PictureFile.check(height: height, width: width, name: name)
    // Huffman's shortest code is a bit, and every block of 64 pixels has one at least.
    try PictureFile.check(height * width / 512, bytesFor: height, width, in: bytes, name: name)
  }

  /// Whether the decoder only complained of what costs no pixels. It keeps its first complaint.
  private static func isHarmless(_ decoder: tjhandle) -> Bool {
    guard tjGetErrorCode(decoder) == TJERR_WARNING.rawValue else { return false }
    let complaint = String(cString: tjGetErrorStr2(decoder))
    return [
      "extraneous bytes before marker", "unknown JFIF revision", "Unknown Adobe color transform",
      "Invalid SOS parameters for sequential JPEG",
    ].contains { complaint.contains($0) }
  }

  private static func failure(_ decoder: tjhandle, _ name: String) -> PictureError {
    let reason = String(cString: tjGetErrorStr2(decoder))
    return PictureError(
      file: name, value: "cannot be decoded (\(reason))",
      rule: "must be an undamaged 8-bit JPEG")
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
