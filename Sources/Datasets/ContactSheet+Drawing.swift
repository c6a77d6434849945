// SPDX-License-Identifier: Apache-2.0

extension ContactSheet {
  /// The picture while it is drawn: red, green and blue, [height, width, 3].
  struct Sheet {
    let layout: Layout
    var pixels: [UInt8]

    init(_ layout: Layout) {
      self.layout = layout
      pixels = Array(repeating: 255, count: layout.height * layout.width * 3)
    }

    /// A row of images; those in files are decoded for it.
    mutating func draw(
      _ images: [Int], of set: ImageSet, _ tones: Tones, row: Int
    ) throws(DatasetError) {
      guard case .files = set.pixels else {
        for (column, image) in images.enumerated() {
          draw(image, of: set, tones, row: row, column: column)
        }
        return
      }
      let own = try set.loaded(images)
      for column in images.indices {
        draw(column, of: own, Tones(own), row: row, column: column)
      }
    }

    mutating func draw(_ image: Int, of set: ImageSet, _ tones: Tones, row: Int, column: Int) {
      let size = set.size
      for y in 0..<size.height {
        for x in 0..<size.width {
          let source = image * size.count + (y * size.width + x) * size.channels
          if size.channels == 3 {
            let colour = (0..<3).map { tones.tone(source + $0) }
            fill(layout.top(row) + y * layout.scale, layout.left(column) + x * layout.scale, colour)
            continue
          }
          for channel in 0..<size.channels {
            let tile = channel.quotientAndRemainder(dividingBy: layout.tiles)
            let down = tile.quotient * (size.height + 1) + y
            let right = tile.remainder * (size.width + 1) + x
            let grey = [UInt8](repeating: tones.tone(source + channel), count: 3)
            fill(
              layout.top(row) + down * layout.scale, layout.left(column) + right * layout.scale,
              grey)
          }
        }
      }
    }

    /// A class's number in the margin of its row.
    mutating func drawNumber(_ number: Int, atRow row: Int) {
      for (position, digit) in String(number).compactMap(\.wholeNumberValue).enumerated() {
        for (index, bit) in Self.digits[digit].enumerated() where bit == "1" {
          let top = layout.top(row) + index / 3 * 2
          let left = 2 + position * 7 + index % 3 * 2
          for y in top..<min(top + 2, layout.height) {
            for x in left..<left + 2 { set(y, x, [64, 64, 64]) }
          }
        }
      }
    }

    private mutating func fill(_ top: Int, _ left: Int, _ colour: [UInt8]) {
      for y in top..<top + layout.scale {
        for x in left..<left + layout.scale { set(y, x, colour) }
      }
    }

    private mutating func set(_ y: Int, _ x: Int, _ colour: [UInt8]) {
      let start = (y * layout.width + x) * 3
      pixels.replaceSubrange(start..<start + 3, with: colour)
    }

    /// 3×5 dots, row by row.
    private static let digits = [
      "111101101101111", "010110010010111", "111001111100111", "111001111001111",
      "101101111001001", "111100111001111", "111100111101111", "111001001001001",
      "111101111101111", "111101111001111",
    ]
  }
}
