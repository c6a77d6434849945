// SPDX-License-Identifier: Apache-2.0

/// How a stored picture has to be turned to stand upright; the numbers are EXIF's.
enum Orientation: Int {
  case upright = 1
  case mirrored
  case upsideDown
  case flipped
  case transposed
  case turnedLeft
  case transversed
  case turnedRight

  /// Whether rows become columns.
  var swapsSides: Bool { rawValue >= 5 }

  /// The stored row and column of the upright picture's pixel, for a stored picture of that size.
  func source(row: Int, column: Int, height: Int, width: Int) -> (row: Int, column: Int) {
    switch self {
    case .upright: (row, column)
    case .mirrored: (row, width - 1 - column)
    case .upsideDown: (height - 1 - row, width - 1 - column)
    case .flipped: (height - 1 - row, column)
    case .transposed: (column, row)
    case .turnedLeft: (height - 1 - column, row)
    case .transversed: (height - 1 - column, width - 1 - row)
    case .turnedRight: (column, width - 1 - row)
    }
  }
}

extension Picture {
  /// The picture as a mirror shows it, left and right exchanged.
  public func mirrored() -> Picture { turned(.mirrored) }

  /// The picture as it should be seen.
  func turned(_ orientation: Orientation) -> Picture {
    if orientation == .upright { return self }
    let (newHeight, newWidth) = orientation.swapsSides ? (width, height) : (height, width)
    var turned = [UInt8](repeating: 0, count: pixels.count)
    var target = 0
    for row in 0..<newHeight {
      for column in 0..<newWidth {
        let source = orientation.source(
          row: row, column: column, height: height, width: width)
        let start = (source.row * width + source.column) * 3
        turned[target] = pixels[start]
        turned[target + 1] = pixels[start + 1]
        turned[target + 2] = pixels[start + 2]
        target += 3
      }
    }
    return Picture(height: newHeight, width: newWidth, pixels: turned)
  }
}
