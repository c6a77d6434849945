// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport

/// Pictures with damage that a decoder can notice: cut off anywhere, any bit of a PNG, what gives a
/// JPEG its structure, and sizes that are not the pixels'.
enum DamagedPictures {
  private static let names = [
    "colour-420.jpg", "progressive-422.jpg", "grey.jpg", "inks-coded.jpg", "restarts.jpg",
    "orientation-6.jpg", "colour-8.png", "interlaced-colour-8.png", "palette-4.png",
    "colour-alpha-16.png", "orientation-after.png",
  ]

  static func all() throws -> [DamagedFile] {
    try names.flatMap { name in
      let bytes = [UInt8](
        try Data(contentsOf: WeightFiles.golden.appending(path: "pictures/\(name)")))
      let positions =
        name.hasSuffix(".png") ? Array(bytes.indices) : structure(jpeg: bytes)
      return DamagedFile.truncations(name, bytes, count: 35)
        + DamagedFile.flips(name, bytes, in: positions, count: 45)
        + Damage.spread(sizes(name, bytes), 18)
    }
  }

  /// The bytes that a JPEG is held together by: the start and the end, and the markers and lengths of
  /// its segments.
  ///
  /// Not the codes of what may be called otherwise: one bit makes another note of a camera, or a frame
  /// of another but equal kind, or replaces Huffman tables by the standard ones, which these are.
  private static func structure(jpeg bytes: [UInt8]) -> [Int] {
    let fixed: Set<UInt8> = [0xDA, 0xDB]
    var positions = [0, 1, bytes.count - 2, bytes.count - 1]
    for segment in PictureHeaders.segments(jpeg: bytes) {
      let start = segment.bytes.lowerBound
      positions +=
        [start, start + 2, start + 3] + (fixed.contains(segment.marker) ? [start + 1] : [])
    }
    return positions
  }

  private static func sizes(_ name: String, _ bytes: [UInt8]) -> [DamagedFile] {
    let sides = [0, 1, 100, 999, 4096, 13_377, 32_768, 65_535]
    return sides.flatMap { height in
      sides.map { width in
        DamagedFile(
          kind: .misshapen, name: "\(name) as \(width)×\(height)",
          bytes: name.hasSuffix(".png")
            ? PictureHeaders.png(bytes, height: height, width: width)
            : PictureHeaders.jpeg(bytes, height: height, width: width))
      }
    }
  }
}
