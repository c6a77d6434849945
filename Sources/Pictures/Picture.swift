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
  /// alpha is dropped, grey and palettes become colours, and the orientation is applied that EXIF or else
  /// XMP states.
  ///
  /// Differs from Pillow: of 16-bit grey the high byte counts, as of 16-bit colour; Pillow turns
  /// every value above 255 white.
  ///
  /// Cost: the file's bytes and the decoded pixels in memory, about 5 ns a pixel.
  /// - Throws: where the file cannot be read, is no JPEG or PNG, is damaged, or is too large.
  public init(contentsOf path: String) throws(PictureError) {
    self = try Self.decoded(contentsOf: path).picture
  }

  /// As above, with what the decoder warned of, if anything; it reads on then, as Pillow does.
  public static func decoded(
    contentsOf path: String
  ) throws(PictureError) -> (picture: Picture, warning: String?) {
    try decoded(bytes: PictureFile.bytes(of: path), name: path)
  }

  /// As above, from bytes in memory.
  ///
  /// - Parameters:
  ///   - bytes: of a PNG or JPEG file.
  ///   - name: what the picture is called in errors.
  public init(bytes: [UInt8], name: String) throws(PictureError) {
    self = try Self.decoded(bytes: bytes, name: name).picture
  }

  /// As above, from bytes in memory, with what the decoder warned of.
  public static func decoded(
    bytes: [UInt8], name: String
  ) throws(PictureError) -> (picture: Picture, warning: String?) {
    let stored: Picture
    let notes: PictureNotes
    var warning: String?
    switch PictureFile.Kind(bytes) {
    case .jpeg:
      let segments = try JPEGSegments(bytes, name: name)
      (stored, warning) = try JPEGFile.decode(bytes, name: name)
      notes = segments.notes
    case .png: (stored, notes, warning) = try PNGFile.decode(bytes, name: name)
    case nil:
      throw PictureError(
        file: name, value: PictureFile.found(bytes), rule: "must be a JPEG or PNG picture")
    }
    return (stored.turned(notes.orientation), warning)
  }
}
