import CKernels

// Winograd's algorithm F(2×2, 3×3): windows of 4×4 pixels and kernels are transformed, multiplied as
// 16 matrices, and the products transformed back to blocks of 2×2 outputs: 16 multiply-adds for what
// takes the window itself 36. A tile is cut into groups of blocks, whose matrices stay in the
// second-level cache; a kernel's gradient gathers those of several tiles where its sums do not. Numbers
// that are not finite spread over their block.
extension ConvolutionPass {
  private var winograd: WinogradLayout {
    WinogradLayout(
      blocks: min(direct.tileBlocks, WinogradLayout.mostBlocks), inputs: geometry.inputChannels,
      outputs: outputChannels)
  }

  /// Floats of one of a segment's 16 transformed and packed kernels, whose biases are zeros.
  private static func matrixCount(_ part: Part) -> Int {
    packedCount(rows: part.segment.inputCount, columns: part.segment.outputCount)
  }

  private var transformedCount: Int { parts.reduce(0) { $0 + 16 * Self.matrixCount($1) } }

  /// Floats of all transformed kernels and the bias behind them.
  var winogradPackedCount: Int { transformedCount + aligned(outputChannels) }

  func winogradScratchCount(threads: Int) -> Int {
    threads * (direct.copyFloats + winograd.floats + tileFloats)
  }

  func runByWinograd(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = winograd
    let bias = packed + transformedCount
    let workerFloats = direct.copyFloats + layout.floats + tileFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = scratch + worker * workerFloats
      let transformed = copy + direct.copyFloats
      let products = transformed + 16 * layout.windowStride
      let windows = direct.windows(x, tile, copy: copy)
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      let result = y.needsTile ? transformed + layout.floats : y.values + pixel * outputChannels
      var epilogue = ck_epilogue(
        bias: bias, addend: y.accumulate && !y.needsTile ? result : nil,
        isRectified: isRectified ? 1 : 0)
      var shape = wholeTile(tile)
      forEachGroup(tile) { first, count in
        ck.winogradWindows(windows, &shape, first, count, transformed, layout.windowStride)
        multiply(transformed, kernels: packed, into: products, blocks: count, layout)
        ck.winogradPixels(
          products, layout.productStride, &shape, first, count, &epilogue, result)
      }
      y.finish(index, pixel, count, result: result)
    }
  }

  /// Cuts the nine taps of every segment into panels, then transforms them where they lie.
  func packForWinograd(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    packBias(bias, into: packed + transformedCount)
    var taps = packed
    for part in parts {
      let (inputs, outputs) = (part.segment.inputCount, part.segment.outputCount)
      let count = Self.matrixCount(part)
      for tap in 0..<9 {
        Self.pack(
          kernel + part.kernelStart + tap * inputs * outputs, rows: inputs, columns: outputs,
          scale: scale.map { $0 + part.segment.outputStart }, into: taps + tap * count, pool)
      }
      let segmentTaps = taps
      pool.forEachRange(count, length: 16_384) { start, length in
        ck.winogradKernel(segmentTaps, count, start, length)
      }
      taps += 16 * count
    }
  }

  /// Calls `body` with the first block of each group of a tile and how many there are, about as many
  /// in each.
  private func forEachGroup(
    _ tile: DirectLayout.Tile, _ body: (_ first: Int, _ count: Int) -> Void
  ) {
    let blocks = direct.blocks(tile)
    let groups = (blocks + WinogradLayout.mostBlocks - 1) / WinogradLayout.mostBlocks
    for group in 0..<groups {
      let first = group * blocks / groups
      body(first, (group + 1) * blocks / groups - first)
    }
  }

  private func wholeTile(_ tile: DirectLayout.Tile) -> ck_tile {
    direct.tile(
      tile, inputs: geometry.inputChannels, outputs: outputChannels, channels: outputChannels)
  }

  /// A segment's part of one of the 16 matrices: a 1×1 convolution of a row of blocks.
  private func matrix(_ segment: ChannelSegment, blocks: Int) -> ck_tile {
    ck_tile(
      images: 1, height: 1, width: blocks, xImage: 0, xRow: 0, xStep: geometry.inputChannels,
      yImage: 0, yRow: 0, yStep: outputChannels, kernelHeight: 1, kernelWidth: 1, tapRow: 0,
      tapStep: geometry.inputChannels, inputs: segment.inputCount, outputs: segment.outputCount)
  }

  private func multiply(
    _ windows: UnsafePointer<Float>, kernels: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>, blocks: Int, _ layout: WinogradLayout
  ) {
    var kernel = kernels
    var epilogue = ck_epilogue()
    for part in parts {
      var shape = matrix(part.segment, blocks: blocks)
      for index in 0..<16 {
        ck.directRows(
          windows + index * layout.windowStride + part.segment.inputStart, &shape, kernel,
          kernel + Self.matrixCount(part), &epilogue,
          products + index * layout.productStride + part.segment.outputStart)
        kernel += Self.matrixCount(part)
      }
    }
  }

  // MARK: Kernel gradient

  /// Floats of one of a segment's 16 sums of products.
  private static func sumCount(_ part: Part) -> Int {
    aligned(part.segment.inputCount * part.segment.outputCount)
  }

  private var sumCount: Int { parts.reduce(0) { $0 + 16 * Self.sumCount($1) } }

  /// Where all blocks lie whose products are summed at a time.
  private var gatheredLayout: WinogradLayout {
    let all = geometry.batch * ((geometry.outputHeight + 1) / 2) * ((geometry.outputWidth + 1) / 2)
    return WinogradLayout(
      blocks: max(winograd.blocks, min(gatheredRows, all)), inputs: geometry.inputChannels,
      outputs: outputChannels)
  }

  /// Floats that the products need where a segment's outputs fill no whole vectors.
  private func productEdgeCount(_ layout: WinogradLayout) -> Int {
    let rows = parts.reduce(0) { most, part in
      part.segment.outputCount % 16 == 0 ? most : max(most, part.segment.inputCount)
    }
    return rows == 0 ? 0 : aligned((rows + layout.blocks) * 64)
  }

  /// Floats of one thread for the kernel's gradient.
  private func winogradGradientFloats(_ layout: WinogradLayout) -> Int {
    direct.copyFloats + tileFloats + layout.floats + sumCount + productEdgeCount(layout)
  }

  func winogradGradientScratchCount(workers: Int) -> Int {
    workers * winogradGradientFloats(gatheredLayout)
  }

  /// The algorithm turned round: windows, transposed, times gradients, both transformed, summed over
  /// blocks, and transformed back to nine taps once a chunk.
  func kernelGradientByWinograd(
    _ x: TileSource, _ dy: TileSource, partial: UnsafeMutablePointer<Float>, stride: Int,
    chunks: Int, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (total, layout) = (direct.count, gatheredLayout)
    let workerFloats = winogradGradientFloats(layout)
    pool.forEachTile(chunks) { chunk, worker in
      let copy = scratch + worker * workerFloats
      let windows = copy + direct.copyFloats + tileFloats
      let gradients = windows + 16 * layout.windowStride
      var sums = windows + layout.floats
      var (blocks, adds) = (0, false)
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let source = direct.windows(x, tile, copy: copy)
        // Copied even if plain: as in the direct method, a stream is what the processor foresees.
        let gradient = dy.pixels(
          direct.firstPixel(tile), direct.pixels(tile), copy: copy + direct.copyFloats,
          isCopied: true)
        var shape = wholeTile(tile)
        forEachGroup(tile) { first, count in
          if blocks + count > layout.blocks {
            multiply(windows, gradients, blocks: blocks, adds: adds, to: sums, layout)
            (blocks, adds) = (0, true)
          }
          ck.winogradWindows(
            source, &shape, first, count, windows + blocks * geometry.inputChannels,
            layout.windowStride)
          ck.winogradGradients(
            gradient, &shape, first, count, gradients + blocks * outputChannels,
            layout.productStride)
          blocks += count
        }
      }
      multiply(windows, gradients, blocks: blocks, adds: adds, to: sums, layout)
      for part in parts {
        ck.winogradTaps(
          sums, Self.sumCount(part), part.segment.inputCount * part.segment.outputCount,
          partial + chunk * stride + part.kernelStart)
        sums += 16 * Self.sumCount(part)
      }
    }
  }

  /// sums = or += the products of transforms; behind the sums lies what edges need.
  private func multiply(
    _ windows: UnsafePointer<Float>, _ gradients: UnsafePointer<Float>, blocks: Int, adds: Bool,
    to sums: UnsafeMutablePointer<Float>, _ layout: WinogradLayout
  ) {
    let edge = sums + sumCount
    var sum = sums
    for part in parts {
      var shape = matrix(part.segment, blocks: blocks)
      for index in 0..<16 {
        ck.directOuter(
          windows + index * layout.windowStride + part.segment.inputStart,
          gradients + index * layout.productStride + part.segment.outputStart, &shape, edge,
          adds ? 1 : 0, sum)
        sum += Self.sumCount(part)
      }
    }
  }
}
