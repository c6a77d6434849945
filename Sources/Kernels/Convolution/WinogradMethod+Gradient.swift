// SPDX-License-Identifier: Apache-2.0

import CKernels

// Winograd's algorithm turned round: windows, transposed, times gradients, both transformed, summed
// over blocks, and transformed back to nine taps once a chunk.
extension WinogradMethod {
  /// Floats of one of a segment's 16 sums of products.
  private static func sumCount(_ part: ConvolutionProblem.Part) -> Int {
    aligned(part.products)
  }

  /// One thread's windows, pixels of dy, transforms of both, sums, and what incomplete vectors need.
  private struct Scratch {
    /// Where all blocks lie whose products are summed at a time.
    let matrices: WinogradLayout
    let copy, pixels, windows, gradients, sums, edge, count: Int

    init(_ method: WinogradMethod) {
      let (geometry, parts) = (method.geometry, method.problem.parts)
      let all =
        geometry.batch * ((geometry.outputHeight + 1) / 2) * ((geometry.outputWidth + 1) / 2)
      matrices = WinogradLayout(
        blocks: max(method.matrices.blocks, min(method.problem.gatheredRows, all)),
        inputs: geometry.inputChannels, outputs: method.outputChannels)
      let edgeRows = parts.reduce(0) { most, part in
        part.outputCount % 16 == 0 ? most : max(most, part.inputCount)
      }
      var layout = ScratchLayout()
      copy = layout.reserve(method.tiles.copyFloats)
      pixels = layout.reserve(method.tiles.tilePixels * method.outputChannels)
      windows = layout.reserve(16 * matrices.windowStride)
      gradients = layout.reserve(16 * matrices.productStride)
      sums = layout.reserve(parts.reduce(0) { $0 + 16 * sumCount($1) })
      edge = layout.reserve(edgeRows == 0 ? 0 : (edgeRows + matrices.blocks) * 64)
      count = layout.count
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    problem.partialCount + min(threads, problem.chunks) * Scratch(self).count
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let (chunks, total, layout) = (problem.chunks, tiles.count, Scratch(self))
    let workers = scratch + problem.partialCount
    problem.sumChunks(into: dKernel, partial: scratch, pool: pool) { partial, stride in
      pool.forEachTile(chunks) { chunk, worker in
        let own = workers + worker * layout.count
        sumProducts(
          of: chunk * total / chunks..<(chunk + 1) * total / chunks, x, dy, own, layout)
        var sums = own + layout.sums
        for part in problem.parts {
          ck.winogradTaps(
            sums, Self.sumCount(part), part.products,
            partial + chunk * stride + part.kernelStart)
          sums += 16 * Self.sumCount(part)
        }
      }
    }
  }

  /// The sums of products over some tiles' blocks, as many of which are multiplied at a time as there
  /// is room for.
  private func sumProducts(
    of range: Range<Int>, _ x: TileSource, _ dy: TileSource, _ own: UnsafeMutablePointer<Float>,
    _ layout: Scratch
  ) {
    var (blocks, adds) = (0, false)
    for index in range {
      let tile = tiles[index]
      let source = tiles.windows(x, tile, copy: own + layout.copy)
      // Copied even if plain: as in the direct method, a copy is a stream.
      let gradient = dy.pixels(
        tiles.firstPixel(tile), tiles.pixels(tile), copy: own + layout.pixels, isCopied: true)
      var shape = wholeTile(tile)
      forEachGroup(tile) { first, count in
        if blocks + count > layout.matrices.blocks {
          addProducts(blocks, adds: adds, own, layout)
          (blocks, adds) = (0, true)
        }
        ck.winogradWindows(
          source, &shape, first, count, own + layout.windows + blocks * geometry.inputChannels,
          layout.matrices.windowStride)
        ck.winogradGradients(
          gradient, &shape, first, count, own + layout.gradients + blocks * outputChannels,
          layout.matrices.productStride)
        blocks += count
      }
    }
    addProducts(blocks, adds: adds, own, layout)
  }

  /// sums = or += the products of so many blocks' transforms.
  private func addProducts(
    _ blocks: Int, adds: Bool, _ own: UnsafeMutablePointer<Float>, _ layout: Scratch
  ) {
    var sum = own + layout.sums
    for part in problem.parts {
      var shape = matrix(part, blocks: blocks)
      for index in 0..<16 {
        ck.directOuter(
          own + layout.windows + index * layout.matrices.windowStride + part.inputStart,
          own + layout.gradients + index * layout.matrices.productStride
            + part.outputStart, &shape, own + layout.edge, adds ? 1 : 0, sum)
        sum += Self.sumCount(part)
      }
    }
  }
}
