// SPDX-License-Identifier: Apache-2.0

/// How passes over windows are cut into tiles of output pixels, fixed by the problem's size.
///
/// A tile is a run of rows of one image, or several whole images. A 1×1 convolution reads its input
/// where it lies; at stride 1 it sees one image whose rows are single pixels. A larger window reads
/// a padded copy of the rows under it, which stays in the second-level cache.
struct WindowTiles: Sendable {
  /// A run of output rows.
  struct Tile {
    let image, images, row, rows: Int
  }

  let geometry: WindowGeometry
  /// Images, rows and pixels in a row of the output, as tiles see them.
  let batch, height, width: Int
  let imagesPerTile, rowsPerTile: Int
  /// Tiles of an image, and the rows that they are whole multiples of.
  private let bands, unit: Int
  /// Rows and columns of the blocks that outputs are made in; a padded copy reaches to full ones.
  let blockEdge: Int
  /// Whether windows lie in a padded copy.
  let isPadded: Bool
  /// Whether there is but one image, whose rows are single pixels.
  let isMatrix: Bool
  /// Pixels in a row of the copy.
  let paddedWidth: Int

  /// - Parameters:
  ///   - cachedFloats: of a tile's windows, which leave its kernel and output room in the cache.
  ///   - mostPixels: of a tile.
  ///   - leastTiles: there should be, for many threads, as long as a tile is worth its kernel's way
  ///     to the cache.
  ///   - unit: the pixels that tiles of a 1×1 convolution at stride 1 are whole multiples of.
  ///   - blockEdge: of the blocks that outputs are made in.
  ///   - run: the most pixels of a tile of a 1×1 convolution at stride 1, where something else decides.
  init(
    _ geometry: WindowGeometry, cachedFloats: Int, mostPixels: Int, leastTiles: Int = 16,
    unit: Int = 6, blockEdge: Int = 1, run: Int? = nil
  ) {
    self.geometry = geometry
    self.blockEdge = blockEdge
    isPadded = geometry.taps > 1
    let fullWidth = Self.full(geometry.outputWidth, blockEdge)
    paddedWidth = (fullWidth - 1) * geometry.stride + geometry.kernelWidth
    isMatrix = !isPadded && geometry.stride == 1
    batch = isMatrix ? 1 : geometry.batch
    height = isMatrix ? geometry.batch * geometry.outputPixels : geometry.outputHeight
    width = isMatrix ? 1 : geometry.outputWidth
    let pixels = geometry.batch * geometry.outputPixels
    let floats = geometry.inputChannels * (isPadded ? geometry.stride * geometry.stride : 1)
    let balanced = max(48, (pixels + leastTiles - 1) / leastTiles)
    let most = min(mostPixels, balanced, max(48, cachedFloats / floats))
    let target = unit == 1 ? most : most / 24 * 24
    let imagePixels = max(height * width, 1)
    imagesPerTile = max(1, min(target / imagePixels, (batch + leastTiles - 1) / leastTiles))
    let fitting = max(1, min(height, run ?? target / max(width, 1)))
    let bands = max(1, (height + fitting - 1) / fitting)
    guard isMatrix else {
      (self.unit, rowsPerTile) = (1, Self.full((height + bands - 1) / bands, blockEdge))
      self.bands = rowsPerTile == 0 ? 0 : (height + rowsPerTile - 1) / rowsPerTile
      return
    }
    // Eighths are shared out evenly among most numbers of threads.
    let units = (height + unit - 1) / unit
    self.unit = unit
    self.bands = min(units, bands > 8 && unit > 1 ? (bands + 7) / 8 * 8 : bands)
    // At most, whatever their number is rounded to: memory then never shrinks with the batch.
    rowsPerTile = min(Self.full(fitting, unit), height)
  }

  static func full(_ length: Int, _ edge: Int) -> Int {
    (length + edge - 1) / edge * edge
  }

  /// The first row of a band; those of a matrix differ by a unit at most.
  private func firstRow(_ band: Int) -> Int {
    isMatrix
      ? min(band * ((height + unit - 1) / unit) / bands * unit, height)
      : min(band * rowsPerTile, height)
  }

  /// How many tiles there are.
  var count: Int {
    guard width > 0, bands > 0 else { return 0 }
    return bands == 1 ? (batch + imagesPerTile - 1) / imagesPerTile : batch * bands
  }

  /// Output pixels of the largest tile.
  var tilePixels: Int {
    bands == 1 ? min(imagesPerTile, batch) * height * width : min(rowsPerTile, height) * width
  }

  subscript(index: Int) -> Tile {
    if bands == 1 {
      let image = index * imagesPerTile
      return Tile(image: image, images: min(imagesPerTile, batch - image), row: 0, rows: height)
    }
    let row = firstRow(index % bands)
    return Tile(
      image: index / bands, images: 1, row: row, rows: firstRow(index % bands + 1) - row)
  }

  /// Tiles of a matrix that lie behind each other as one, or one tile of anything.
  func joined(_ tiles: Range<Int>) -> Tile {
    let (first, last) = (self[tiles.lowerBound], self[tiles.upperBound - 1])
    precondition(isMatrix || tiles.count == 1, "only rows of a matrix are one run")
    return Tile(
      image: first.image, images: first.images, row: first.row,
      rows: last.row + last.rows - first.row)
  }

  /// The first output pixel of a tile, counted through the batch; its pixels follow each other.
  func firstPixel(_ tile: Tile) -> Int { (tile.image * height + tile.row) * width }
  func pixels(_ tile: Tile) -> Int { tile.images * tile.rows * width }
  /// Blocks of a tile, those at an edge that are not full included.
  func blocks(_ tile: Tile) -> Int {
    tile.images * (Self.full(tile.rows, blockEdge) * Self.full(width, blockEdge))
      / (blockEdge * blockEdge)
  }
  /// Blocks of the largest tile.
  var tileBlocks: Int { count == 0 ? 0 : blocks(self[0]) }
}
