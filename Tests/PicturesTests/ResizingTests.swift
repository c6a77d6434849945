// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

@testable import Pictures

@Suite struct ResizingTests {
  private func source() throws -> Picture {
    try Picture(contentsOf: GoldenPictures.path("colour-8.png"))
  }

  @Test func resizedPixelsArePillows() throws {
    let source = try source()
    let cases: [GoldenPictures.Entry] = try GoldenPictures.read("resized.json")
    #expect(cases.count == 14)
    for entry in cases {
      let filter = try #require(PicturePreprocessing.Filter(rawValue: entry.filter ?? ""))
      let found = source.resized(height: entry.height, width: entry.width, filter)
      #expect(found.height == entry.height && found.width == entry.width)
      #expect(
        found.pixels == [UInt8](entry.pixels), "\(filter) \(entry.height)×\(entry.width)")
    }
  }

  @Test(arguments: PicturePreprocessing.Filter.allCases)
  func aPartIsWhatTheWholeHasThere(_ filter: PicturePreprocessing.Filter) throws {
    let source = try source()
    for (height, width) in [(40, 31), (9, 12)] {
      let whole = source.resized(height: height, width: width, filter)
      let part = PictureRegion(top: 3, left: 2, height: 5, width: 7)
      #expect(
        source.resized(height: height, width: width, filter, only: part)
          == whole.cropped(to: part))
    }
  }

  @Test func aPartOfAnEndlessStripTakesLittleMemory() {
    let strip = Picture(
      height: 1, width: 65_535, pixels: [UInt8](repeating: 7, count: 3 * 65_535))
    let view = PicturePreprocessing.caffe().view(of: strip)
    #expect(view.height == 224 && view.width == 224)
    #expect(view.pixels.allSatisfy { $0 == 7 })
  }

  @Test func croppedPixelsStandWhereTheyStood() throws {
    let source = try source()
    let part = source.cropped(to: PictureRegion(top: 4, left: 6, height: 3, width: 5))
    for row in 0..<3 {
      for byte in 0..<15 {
        #expect(part.pixels[row * 15 + byte] == source.pixels[(row + 4) * 69 + 18 + byte])
      }
    }
  }
}
