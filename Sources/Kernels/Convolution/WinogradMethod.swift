// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Winograd's algorithm F(2×2, 3×3): windows of 4×4 pixels and kernels are transformed, multiplied as
/// 16 matrices, and the products transformed back to blocks of 2×2 outputs: 16 multiply-adds for what
/// takes the window itself 36.
///
/// A tile is cut into groups of blocks, whose matrices stay in the second-level cache; a kernel's
/// gradient gathers those of several tiles where its sums do not. Numbers that are not finite spread
/// over their block.
struct WinogradMethod: ConvolutionMethod {
  let problem: ConvolutionProblem
  let tiles: WindowTiles
  let matrices: WinogradLayout

  init?(_ problem: ConvolutionProblem) {
    guard WinogradLayout.isFit(for: problem) else { return nil }
    self.problem = problem
    tiles = WindowTiles(
      problem.geometry, cachedFloats: Blocking.fixed.sixteenths(3), mostPixels: 504, blockEdge: 2)
    matrices = WinogradLayout(
      blocks: min(tiles.tileBlocks, WinogradLayout.mostBlocks),
      inputs: problem.geometry.inputChannels, outputs: problem.outputChannels)
  }

  var tileCount: Int { tiles.count }

  // MARK: Kernels

  /// Floats of one of a segment's 16 transformed and packed kernels, whose biases are zeros.
  private static func matrixCount(_ part: ConvolutionProblem.Part) -> Int {
    PackedKernel.count(rows: part.inputCount, columns: part.outputCount)
  }

  private var transformedCount: Int {
    problem.parts.reduce(0) { $0 + 16 * Self.matrixCount($1) }
  }

  /// All transformed kernels and the bias behind them.
  var packedCount: Int { transformedCount + aligned(outputChannels) }

  /// Cuts the nine taps of every segment into panels, then transforms them where they lie.
  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    PackedKernel.put(bias, outputChannels, into: packed + transformedCount)
    var taps = packed
    for part in problem.parts {
      let (inputs, outputs) = (part.inputCount, part.outputCount)
      let count = Self.matrixCount(part)
      for tap in 0..<9 {
        PackedKernel.pack(
          kernel + part.kernelStart + tap * inputs * outputs, rows: inputs, columns: outputs,
          scale: scale.map { $0 + part.outputStart }, into: taps + tap * count, pool)
      }
      let segmentTaps = taps
      pool.forEachRange(count, length: problem.blocking.sixteenths(1)) { start, length in
        ck.winogradKernel(segmentTaps, count, start, length)
      }
      taps += 16 * count
    }
  }

  // MARK: Outputs

  /// One thread's windows, transforms and products, and tile of outputs.
  private struct ForwardScratch {
    let copy, windows, products, result, count: Int

    init(_ method: WinogradMethod) {
      var layout = ScratchLayout()
      copy = layout.reserve(method.tiles.copyFloats)
      windows = layout.reserve(16 * method.matrices.windowStride)
      products = layout.reserve(16 * method.matrices.productStride)
      result = layout.reserve(method.tiles.tilePixels * method.outputChannels)
      count = layout.count
    }
  }

  func forwardScratchCount(threads: Int) -> Int { threads * ForwardScratch(self).count }

  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = ForwardScratch(self)
    let bias = packed + transformedCount
    pool.forEachTile(tiles.count) { index, worker in
      let tile = tiles[index]
      let own = scratch + worker * layout.count
      let windows = tiles.windows(x, tile, copy: own + layout.copy)
      let (transformed, products) = (own + layout.windows, own + layout.products)
      let (pixel, count) = (tiles.firstPixel(tile), tiles.pixels(tile))
      let result = y.needsTile ? own + layout.result : y.values + pixel * outputChannels
      var epilogue = ck_epilogue(
        bias: bias, addend: y.accumulate && !y.needsTile ? result : nil,
        isRectified: isRectified ? 1 : 0)
      var shape = wholeTile(tile)
      forEachGroup(tile) { first, count in
        ck.winogradWindows(windows, &shape, first, count, transformed, matrices.windowStride)
        multiply(transformed, kernels: packed, into: products, blocks: count)
        ck.winogradPixels(
          products, matrices.productStride, &shape, first, count, &epilogue, result)
      }
      y.finish(index, pixel, count, result: result)
    }
  }

  private func multiply(
    _ windows: UnsafePointer<Float>, kernels: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>, blocks: Int
  ) {
    var kernel = kernels
    var epilogue = ck_epilogue()
    for part in problem.parts {
      var shape = matrix(part, blocks: blocks)
      for index in 0..<16 {
        ck.directRows(
          windows + index * matrices.windowStride + part.inputStart, &shape, kernel,
          kernel + Self.matrixCount(part), &epilogue,
          products + index * matrices.productStride + part.outputStart)
        kernel += Self.matrixCount(part)
      }
    }
  }

  // MARK: Tiles and blocks

  /// Calls `body` with the first block of each group of a tile and how many there are, about as many
  /// in each.
  func forEachGroup(_ tile: WindowTiles.Tile, _ body: (_ first: Int, _ count: Int) -> Void) {
    let blocks = tiles.blocks(tile)
    let groups = (blocks + WinogradLayout.mostBlocks - 1) / WinogradLayout.mostBlocks
    for group in 0..<groups {
      let first = group * blocks / groups
      body(first, (group + 1) * blocks / groups - first)
    }
  }

  func wholeTile(_ tile: WindowTiles.Tile) -> ck_tile {
    tiles.tile(
      tile, inputs: geometry.inputChannels, outputs: outputChannels, channels: outputChannels)
  }

  /// A segment's part of one of the 16 matrices: a 1×1 convolution of a row of blocks.
  func matrix(_ part: ConvolutionProblem.Part, blocks: Int) -> ck_tile {
    ck_tile(
      images: 1, height: 1, width: blocks, xImage: 0, xRow: 0, xStep: geometry.inputChannels,
      yImage: 0, yRow: 0, yStep: outputChannels, kernelHeight: 1, kernelWidth: 1, tapRow: 0,
      tapStep: geometry.inputChannels, inputs: part.inputCount, outputs: part.outputCount)
  }
}
