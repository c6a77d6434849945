import CKernels

/// How a direct convolution is cut into tiles of output pixels, fixed by the problem's size.
///
/// A tile is a run of rows of one image, or several whole images. A 1×1 convolution reads its input
/// where it lies; at stride 1 it sees one image whose rows are single pixels. A larger window reads
/// a padded copy of the rows under it, which stays in the second-level cache.
struct DirectLayout: Sendable {
  /// A run of output rows.
  struct Tile {
    let image, images, row, rows: Int
  }

  let geometry: WindowGeometry
  /// Images, rows and pixels in a row of the output, as tiles see them.
  private let batch, height, width: Int
  private let imagesPerTile, rowsPerTile: Int
  /// Tiles of an image, and the rows that they are whole multiples of.
  private let bands, unit: Int
  /// Rows and columns of the blocks that outputs are made in; a padded copy reaches to full ones.
  private let blockEdge: Int
  /// Whether windows lie in a padded copy.
  let isPadded: Bool
  /// Whether there is but one image, whose rows are single pixels.
  private let isMatrix: Bool
  /// Pixels in a row of the copy.
  private let paddedWidth: Int

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

  private static func full(_ length: Int, _ edge: Int) -> Int {
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

  // MARK: Windows

  /// Floats of one thread's copy of a tile's windows, or, of a 1×1 convolution, of the pixels that
  /// they stand among.
  var copyFloats: Int {
    guard count > 0 else { return 0 }
    let images = min(imagesPerTile, max(batch, 1))
    if isPadded { return aligned(images * copyRows(rowsPerTile) * copyRow) }
    return aligned(regionPixels(images: images, rows: rowsPerTile) * geometry.inputChannels)
  }

  /// Floats of the windows of some rows of one image.
  func copyFloats(rows: Int) -> Int { aligned(copyRows(rows) * copyRow) }

  private var copyRow: Int { paddedWidth * geometry.inputChannels }
  private func copyRows(_ rows: Int) -> Int {
    rows == 0
      ? 0 : (Self.full(rows, blockEdge) - 1) * geometry.stride + geometry.kernelHeight
  }

  private func regionPixels(images: Int, rows: Int) -> Int {
    if inputRows == 0 { return rows }
    return images > 1
      ? images * inputRows * geometry.inputWidth
      : min(rows * geometry.stride, inputRows) * geometry.inputWidth
  }

  /// The input pixels from a tile's first to the next tile's first, of a 1×1 convolution.
  func region(_ tile: Tile) -> Range<Int> {
    if inputRows == 0 { return tile.row..<tile.row + tile.rows }
    let isLast = tile.row + tile.rows == height
    let first = tile.image * inputRows + tile.row * geometry.stride
    let rows = isLast ? inputRows - tile.row * geometry.stride : tile.rows * geometry.stride
    let end = first + (tile.images - 1) * inputRows + rows
    return first * geometry.inputWidth..<end * geometry.inputWidth
  }

  /// Where a tile's windows lie: in x itself, or in `copy`, which is filled with them.
  ///
  /// - Parameter isCopied: whether `copy` is filled in any case.
  func windows(
    _ x: TileSource, _ tile: Tile, copy: UnsafeMutablePointer<Float>, isCopied: Bool = false
  ) -> UnsafePointer<Float> {
    guard isPadded else {
      let region = self.region(tile)
      return x.pixels(region.lowerBound, region.count, copy: copy, isCopied: isCopied)
    }
    var target = copy
    let rows = copyRows(tile.rows)
    let right = paddedWidth - geometry.padLeft - geometry.inputWidth
    let pixels = geometry.inputWidth + min(right, 0)
    let (before, after) = (
      geometry.padLeft * x.channels, max(right, 0) * x.channels
    )
    for image in tile.image..<tile.image + tile.images {
      let top = tile.row * geometry.stride - geometry.padTop
      for row in top..<top + rows {
        if row < 0 || row >= geometry.inputHeight {
          target.update(repeating: 0, count: copyRow)
        } else {
          target.update(repeating: 0, count: before)
          x.copy(
            (image * geometry.inputHeight + row) * geometry.inputWidth, pixels,
            to: target + before)
          (target + (copyRow - after)).update(repeating: 0, count: after)
        }
        target += copyRow
      }
    }
    return UnsafePointer(copy)
  }

  /// Rows of x in an image, and floats in a row, as tiles see them.
  private var inputRows: Int { geometry.stride == 1 && !isPadded ? 0 : geometry.inputHeight }
  private var inputRow: Int {
    geometry.stride == 1 && !isPadded
      ? geometry.inputChannels : geometry.inputWidth * geometry.inputChannels
  }

  /// The tile for the C loops: windows of `inputs` channels where `windows` puts them, outputs of
  /// `outputs` channels in rows of `channels`.
  func tile(_ tile: Tile, inputs: Int, outputs: Int, channels: Int) -> ck_tile {
    let step = geometry.stride * geometry.inputChannels
    let rowFloats = isPadded ? copyRow : inputRow
    var result = ck_tile(
      images: tile.images, height: tile.rows, width: width,
      xImage: (isPadded ? copyRows(tile.rows) : inputRows) * rowFloats,
      xRow: geometry.stride * rowFloats, xStep: step, yImage: tile.rows * width * channels,
      yRow: width * channels, yStep: channels, kernelHeight: geometry.kernelHeight,
      kernelWidth: geometry.kernelWidth, tapRow: rowFloats, tapStep: geometry.inputChannels,
      inputs: inputs, outputs: outputs)
    if width == 1 && tile.images == 1 {
      // Rows of one pixel are one row of pixels.
      (result.height, result.width) = (1, tile.rows)
      (result.xStep, result.yStep) = (result.xRow, result.yRow)
    }
    return result
  }
}
