import CPNG

/// Writes pictures as PNG. The only code of this module that touches libpng.
enum PNGFile {
  /// - Parameter pixels: red, green and blue, [height, width, 3].
  static func write(
    _ pixels: [UInt8], height: Int, width: Int, to path: String
  ) throws(DatasetError) {
    precondition(pixels.count == height * width * 3, "three bytes a pixel")
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = UInt32(width)
    image.height = UInt32(height)
    image.format = UInt32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    let written = pixels.withUnsafeBytes {
      png_image_write_to_file(&image, path, 0, $0.baseAddress, Int32(width * 3), nil)
    }
    guard written != 0 else {
      let message = withUnsafeBytes(of: image.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      throw DatasetError(
        file: path, value: "cannot be written (\(message))",
        rule: "must be a place for a new PNG file")
    }
  }
}
