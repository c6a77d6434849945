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
  /// Whether windows lie in a padded copy.
  let isPadded: Bool
  /// Pixels in a row of the copy.
  private let paddedWidth: Int

  /// Floats of a tile's windows that leave room for its kernel and output in the cache.
  private static let cachedFloats = 48 << 10

  init(_ geometry: WindowGeometry) {
    self.geometry = geometry
    isPadded = geometry.taps > 1
    paddedWidth = (geometry.outputWidth - 1) * geometry.stride + geometry.kernelWidth
    let isMatrix = !isPadded && geometry.stride == 1
    batch = isMatrix ? 1 : geometry.batch
    height = isMatrix ? geometry.batch * geometry.outputPixels : geometry.outputHeight
    width = isMatrix ? 1 : geometry.outputWidth
    let pixels = geometry.batch * geometry.outputPixels
    let floats = geometry.inputChannels * (isPadded ? geometry.stride * geometry.stride : 1)
    // Enough tiles for many threads, each large enough to be worth its kernel's way to the cache.
    let balanced = max(48, (pixels + 15) / 16)
    let target = min(504, balanced, max(48, Self.cachedFloats / floats)) / 24 * 24
    let imagePixels = max(height * width, 1)
    imagesPerTile = max(1, min(target / imagePixels, (batch + 15) / 16))
    let fitting = max(1, min(height, target / max(width, 1)))
    let bands = max(1, (height + fitting - 1) / fitting)
    rowsPerTile = isMatrix ? fitting : (height + bands - 1) / bands
  }

  private var bands: Int { rowsPerTile == 0 ? 0 : (height + rowsPerTile - 1) / rowsPerTile }

  /// How many tiles there are.
  var count: Int {
    guard width > 0 else { return 0 }
    return bands == 1 ? (batch + imagesPerTile - 1) / imagesPerTile : batch * bands
  }

  /// Output pixels of the largest tile.
  var tilePixels: Int {
    bands == 1 ? min(imagesPerTile, batch) * height * width : rowsPerTile * width
  }

  subscript(index: Int) -> Tile {
    if bands == 1 {
      let image = index * imagesPerTile
      return Tile(image: image, images: min(imagesPerTile, batch - image), row: 0, rows: height)
    }
    let row = index % bands * rowsPerTile
    return Tile(
      image: index / bands, images: 1, row: row, rows: min(rowsPerTile, height - row))
  }

  /// The first output pixel of a tile, counted through the batch; its pixels follow each other.
  func firstPixel(_ tile: Tile) -> Int { (tile.image * height + tile.row) * width }
  func pixels(_ tile: Tile) -> Int { tile.images * tile.rows * width }

  // MARK: Windows

  /// Floats of one thread's padded copy.
  var copyFloats: Int {
    guard isPadded, count > 0 else { return 0 }
    return aligned(min(imagesPerTile, max(batch, 1)) * copyRows(rowsPerTile) * copyRow)
  }

  private var copyRow: Int { paddedWidth * geometry.inputChannels }
  private func copyRows(_ rows: Int) -> Int {
    rows == 0 ? 0 : (rows - 1) * geometry.stride + geometry.kernelHeight
  }

  /// Where a tile's windows lie: in x itself, or in `copy`, which is filled with them.
  func windows(
    _ x: UnsafePointer<Float>, _ tile: Tile, copy: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard isPadded else {
      return x + (tile.image * inputRows + tile.row * geometry.stride) * inputRow
    }
    let rows = copyRows(tile.rows)
    var window = geometry.window(channels: geometry.inputChannels)
    for image in 0..<tile.images {
      ck_pad_rows(
        x + (tile.image + image) * geometry.inputImage, &window, tile.row * geometry.stride, rows,
        paddedWidth - geometry.padLeft - geometry.inputWidth, copy + image * rows * copyRow)
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
