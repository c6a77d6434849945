// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A picture in memory: red, green and blue, one byte each.
///
/// Shapes: `pixels` holds [height, width, 3], rows from the top.
public struct Picture: Equatable, Sendable {
  public let height: Int
  public let width: Int
  public let pixels: [UInt8]

  /// - Precondition: three bytes a pixel, at least one pixel.
  public init(height: Int, width: Int, pixels: [UInt8]) {
    precondition(height > 0 && width > 0, "a picture has pixels")
    precondition(pixels.count == height * width * 3, "three bytes a pixel")
    self.height = height
    self.width = width
    self.pixels = pixels
  }

  /// Decodes a JPEG or PNG file, which its contents tell apart.
  ///
  /// The pixels are those of Pillow's `ImageOps.exif_transpose(Image.open(path)).convert("RGB")`:
  /// alpha is dropped, grey and palettes become colours, the EXIF orientation is applied.
  ///
  /// Differs from Pillow: of 16-bit grey the high byte counts, as of 16-bit colour; Pillow turns
  /// every value above 255 white.
  ///
  /// Cost: the file's bytes and the decoded pixels in memory, about 5 ns a pixel.
  /// - Throws: where the file cannot be read, is no JPEG or PNG, is damaged, or is too large.
  public init(contentsOf path: String) throws(PictureError) {
    try self.init(bytes: PictureFile.bytes(of: path), name: path)
  }

  /// As above, from bytes in memory.
  ///
  /// - Parameters:
  ///   - bytes: of a PNG or JPEG file.
  ///   - name: what the picture is called in errors.
  public init(bytes: [UInt8], name: String) throws(PictureError) {
    let stored: Picture
    let orientation: Orientation
    switch PictureFile.Kind(bytes) {
    case .jpeg:
      let segments = try JPEGSegments(bytes, name: name)
      stored = try JPEGFile.decode(bytes, name: name)
      orientation = segments.exif.flatMap { Exif.orientation(in: bytes[$0]) } ?? .upright
    case .png:
      stored = try PNGFile.decode(bytes, name: name)
      orientation = PNGFile.exif(in: bytes).flatMap { Exif.orientation(in: bytes[$0]) } ?? .upright
    case nil:
      throw PictureError(
        file: name, value: PictureFile.found(bytes), rule: "must be a JPEG or PNG picture")
    }
    self = stored.turned(orientation)
  }
}
