// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams
import TestSupport
import Testing

@testable import Pictures

/// Damage that a decoder need not notice, in coded pixels among others: the file is refused in one
/// line, or gives a picture of the size that it states; nothing crashes or takes a gigabyte.
@Suite struct DamageTests {
  private static let names = [
    "colour-420.jpg", "progressive-422.jpg", "grey.jpg", "inks-coded.jpg", "restarts.jpg",
    "orientation-6.jpg", "colour-8.png", "interlaced-colour-8.png", "palette-4.png",
    "colour-alpha-16.png", "orientation-after.png",
  ]

  /// Whether a file was refused.
  private func isRefused(_ bytes: [UInt8], _ name: String) throws -> Bool {
    do throws(PictureError) {
      let picture = try Picture(bytes: bytes, name: name)
      #expect(picture.pixels.count == picture.height * picture.width * 3)
      return false
    } catch {
      #expect(error.file == name)
      #expect(!error.rule.isEmpty)
      let line = error.description
      #expect(!line.contains { $0.isNewline } && line.count < 300, "\(line)")
      return true
    }
  }

  @Test func flippedBitsAndRewrittenBytesNeverCrash() throws {
    var random = RandomStream(seed: 3, "damage")
    let before = PeakMemory.reset()
    var refused = 0
    for name in Self.names {
      let whole = try GoldenPictures.bytes(name)
      for index in 0..<200 {
        let damaged =
          index < 120 ? Damage.flipped(whole, &random) : Damage.rewritten(whole, &random)
        if try isRefused(damaged, name) { refused += 1 }
      }
    }
    #expect((1000..<2200).contains(refused))
    #expect(PeakMemory.bytes - before < 1 << 29)
  }
}
