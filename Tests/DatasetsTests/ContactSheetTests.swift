// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Datasets

@Suite struct ContactSheetTests {
  private func set(channels: Int, floats: Bool = false) -> ImageSet {
    let size = ImageSize(height: 6, width: 5, channels: channels)
    let bytes = Fixtures.bytes(8 * size.count, seed: channels)
    return ImageSet(
      size: size, classNames: ["a", "b", "c"], labels: (0..<8).map { $0 % 3 },
      pixels: floats ? .floats(bytes.map { Float($0) - 9 }) : .bytes(bytes))
  }

  @Test(arguments: [1, 2, 3, 5, 8], [false, true])
  func sheetIsAPNGOfThePredictedSize(channels: Int, floats: Bool) throws {
    let folder = try Folder()
    let path = "\(folder.path)/sheet.png"
    let set = set(channels: channels, floats: floats)
    try ContactSheet.write(set, columns: 4, rows: 3, scale: 2, to: path)
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(bytes.count > 100)
    #expect(Array(bytes[..<8]) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    let layout = ContactSheet.Layout(size: set.size, columns: 4, rows: 3, scale: 2)
    let words = [16, 20].map { start in bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) } }
    #expect(words == [layout.width, layout.height])
    #expect(layout.tiles * layout.tileRows >= (channels == 3 ? 1 : channels))
  }

  @Test func coloursStandWhereTheImageHasThem() {
    let set = set(channels: 3)
    let layout = ContactSheet.Layout(size: set.size, columns: 4, rows: 3, scale: 2)
    var sheet = ContactSheet.Sheet(layout)
    sheet.draw(4, of: set, ContactSheet.Tones(set), row: 1, column: 2)
    guard case .bytes(let pixels) = set.pixels else { return }
    let image = 4 * set.size.count
    let start = ((layout.top(1) + 2 * 5) * layout.width + layout.left(2) + 2 * 3) * 3
    #expect(
      Array(sheet.pixels[start..<start + 3])
        == Array(pixels[image + (5 * 5 + 3) * 3..<image + (5 * 5 + 3) * 3 + 3]))
    let drawn = sheet.pixels.count { $0 != 255 }
    #expect(drawn > 250 && drawn <= 6 * 5 * 4 * 3)
  }

  @Test func badPlacesAndSizesThrow() throws {
    let set = set(channels: 3)
    #expect(throws: DatasetError.self) {
      try ContactSheet.write(set, to: "/nowhere/at/all/sheet.png")
    }
    for (columns, scale) in [(0, 2), (4, 0), (4, 65), (5000, 2)] {
      #expect(throws: DatasetError.self) {
        try ContactSheet.write(set, columns: columns, scale: scale, to: "/nowhere/sheet.png")
      }
    }
  }
}
