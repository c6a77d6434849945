// SPDX-License-Identifier: Apache-2.0

import Pictures

/// A picture of many images of a data set.
public enum ContactSheet {
  /// Writes a PNG whose rows are the classes, each under its number, and whose columns are the
  /// first images of the class.
  ///
  /// Three channels are shown as colours; any other number as grey tiles, one a channel, in
  /// rows. Bytes are shown as they are; floats by mean ± 3 standard deviations of the channel. Of
  /// pictures in files, as many as are shown are decoded.
  ///
  /// - Parameters:
  ///   - set: whose images are shown.
  ///   - columns: images shown of a class.
  ///   - rows: classes shown; nil for all.
  ///   - scale: pixels of the sheet for one of the image, in each direction.
  ///   - path: of the PNG file.
  /// - Throws: where a number is out of range, a picture is damaged, or the file cannot be written.
  public static func write(
    _ set: ImageSet, columns: Int = 10, rows: Int? = nil, scale: Int = 2, to path: String
  ) throws(DatasetError) {
    let rows = min(rows ?? set.classNames.count, set.classNames.count)
    let layout = Layout(size: set.size, columns: columns, rows: rows, scale: scale)
    let limit = 1...1000
    guard limit.contains(columns), limit.contains(rows), (1...64).contains(scale),
      layout.height * layout.width <= 1 << 26
    else {
      throw DatasetError(
        file: path, value: "\(rows) rows of \(columns) images at scale \(scale)",
        rule: "must have 1…1000 rows and columns, a scale of 1…64 and at most 67 million pixels")
    }
    var sheet = Sheet(layout)
    let tones = Tones(set)
    for row in 0..<rows {
      sheet.drawNumber(row, atRow: row)
      let images = set.labels.indices.lazy.filter { set.labels[$0] == row }.prefix(columns)
      try sheet.draw(Array(images), of: set, tones, row: row)
    }
    let picture = Picture(height: layout.height, width: layout.width, pixels: sheet.pixels)
    do {
      try picture.write(png: path)
    } catch {
      throw DatasetError(error)
    }
  }

  /// Grey tones 0…255 for the values of a set.
  struct Tones {
    private let set: ImageSet
    private let standardization: Standardization?

    init(_ set: ImageSet) {
      self.set = set
      if case .floats = set.pixels {
        standardization = .init(of: set)
      } else {
        standardization = nil
      }
    }

    func tone(_ index: Int) -> UInt8 {
      switch set.pixels {
      case .bytes(let values): return values[index]
      case .files: preconditionFailure("pictures are loaded before they are drawn")
      case .floats(let values):
        guard let standardization, values[index].isFinite else { return 0 }
        let channel = index % set.size.channels
        let deviations =
          (values[index] - standardization.mean[channel]) / standardization.deviation[channel]
        return UInt8(max(0, min(255, (deviations + 3) / 6 * 255)))
      }
    }
  }

  /// Sizes of the parts, in pixels of the sheet.
  struct Layout {
    let size: ImageSize
    let columns: Int
    let rows: Int
    let scale: Int
    static let gap = 4
    static let margin = 24

    /// Tiles side by side in one image: 1 for colour pictures, else a divisor of the channels that
    /// makes nearly a square, where there is one.
    var tiles: Int {
      if size.channels == 3 { return 1 }
      let side = (1...max(1, size.channels)).first { $0 * $0 >= size.channels } ?? 1
      return (side...2 * side).first { size.channels % $0 == 0 } ?? side
    }
    var tileRows: Int {
      size.channels == 3 ? 1 : (size.channels + tiles - 1) / tiles
    }
    var cellHeight: Int { (tileRows * (size.height + 1) - 1) * scale }
    var cellWidth: Int { (tiles * (size.width + 1) - 1) * scale }
    var height: Int { Self.gap + rows * (cellHeight + Self.gap) }
    var width: Int { Self.margin + columns * (cellWidth + Self.gap) }
    func top(_ row: Int) -> Int { Self.gap + row * (cellHeight + Self.gap) }
    func left(_ column: Int) -> Int { Self.margin + column * (cellWidth + Self.gap) }
  }
}
