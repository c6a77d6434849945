// SPDX-License-Identifier: Apache-2.0

import CKernels

// Where the windows of a tile lie.
extension WindowTiles {
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
  private var inputRows: Int { isMatrix ? 0 : geometry.inputHeight }
  private var inputRow: Int {
    isMatrix
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
