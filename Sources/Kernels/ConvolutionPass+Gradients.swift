import CKernels

// The gradient of a direct convolution's kernel: windows, transposed, times gradients, summed over
// pixels chunk by chunk.
extension ConvolutionPass {
  /// Whether the gradient of the input can be made on the way: of a 1×1 convolution at stride 1.
  var isPointwise: Bool { geometry.taps == 1 && geometry.stride == 1 }

  /// Tiles whose products are summed at a time. Sums of many channels come from beyond the
  /// second-level cache and go back each time; the tiles of a matrix lie behind each other and can
  /// wait for more.
  private var gatheredTiles: Int {
    guard direct.isMatrix, direct.tilePixels > 0 else { return 1 }
    let chunkTiles = (direct.count + chunks - 1) / chunks
    return max(1, min(gatheredRows / direct.tilePixels, chunkTiles))
  }

  /// Floats of one thread: the windows of some tiles, their gradients, what edges need, and what the
  /// depthwise convolution before needs.
  private var gatheredWindows: Int { gatheredTiles * direct.copyFloats }
  private var gatheredGradients: Int { gatheredTiles * tileFloats }
  var gradientFloats: Int { gatheredWindows + gatheredGradients + edgeCount + frontFloats }

  /// Floats that are needed where a segment's outputs fill no whole vectors.
  private var edgeCount: Int {
    let rows = parts.reduce(0) { most, part in
      part.segment.outputCount % 16 == 0 ? most : max(most, geometry.taps * part.segment.inputCount)
    }
    return rows == 0 ? 0 : aligned((rows + gatheredTiles * direct.tilePixels) * 64)
  }

  func pointwiseScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    return partial + transposedCount + frontPackedCount + threads * gradientFloats
  }

  /// Both gradients of a 1×1 convolution at stride 1: dy and x are read once for both.
  func gradientsOfPointwise(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    partial: UnsafeMutablePointer<Float>, stride: Int, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    packTransposed(kernel, into: scratch, pool)
    kernelGradientDirectly(
      x, dy, partial: partial, stride: stride, scratch: scratch + transposedCount, pool: pool
    ) { index, gradient, copy in
      let tile = direct[index]
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      // The copy of x is done with and makes room for dx.
      let result = dx.needsTile ? copy : dx.values + pixel * dx.channels
      multiplyTransposed(
        tile, gradient, packed: scratch, into: result, accumulate: dx.accumulate && !dx.needsTile)
      dx.finish(index, pixel, count, result: result)
    }
  }

  /// - Parameter then: what else to do with a tile, given its gradients and memory for its windows.
  func kernelGradientDirectly(
    _ x: TileSource, _ dy: TileSource, partial: UnsafeMutablePointer<Float>, stride: Int,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool,
    then: (
      _ tile: Int, _ gradient: UnsafePointer<Float>, _ memory: UnsafeMutablePointer<Float>
    ) -> Void = { _, _, _ in }
  ) {
    let (chunks, total, gathered) = (self.chunks, direct.count, gatheredTiles)
    let packedFront = packedFront(x, scratch: scratch)
    let memory = scratch + frontPackedCount
    let workerFloats = gradientFloats
    pool.forEachTile(chunks) { chunk, worker in
      let copy = memory + worker * workerFloats
      let gradients = copy + gatheredWindows
      let edge = gradients + gatheredGradients
      let sums = partial + chunk * stride
      let (begin, end) = (chunk * total / chunks, (chunk + 1) * total / chunks)
      if begin == end { sums.update(repeating: 0, count: kernelCount) }
      for first in Swift.stride(from: begin, to: end, by: gathered) {
        let tiles = first..<min(first + gathered, end)
        let start = direct.firstPixel(direct[first])
        // Columns of a matrix are read in steps that the processor does not foresee: both tiles are
        // first copied to the cache, which it does foresee. A quarter faster on large tensors.
        for tile in tiles.lazy.map({ direct[$0] }) {
          let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
          _ = windows(
            x, tile, copy: copy + (pixel - start) * geometry.inputChannels,
            packedFront: packedFront, frontCopy: edge + edgeCount, isCopied: true)
          dy.copy(pixel, count, to: gradients + (pixel - start) * outputChannels)
        }
        multiply(
          direct.joined(tiles), windows: copy, gradients: gradients, edge: edge,
          adds: first > begin, sums: sums)
        for tile in tiles {
          then(
            tile, gradients + (direct.firstPixel(direct[tile]) - start) * outputChannels, copy)
        }
      }
    }
  }

  private func multiply(
    _ tile: DirectLayout.Tile, windows: UnsafePointer<Float>, gradients: UnsafePointer<Float>,
    edge: UnsafeMutablePointer<Float>, adds: Bool, sums: UnsafeMutablePointer<Float>
  ) {
    for part in parts {
      let segment = part.segment
      var shape = direct.tile(
        tile, inputs: segment.inputCount, outputs: segment.outputCount, channels: outputChannels)
      ck_direct_outer(
        windows + segment.inputStart, gradients + segment.outputStart, &shape, edge, adds ? 1 : 0,
        sums + part.kernelStart)
    }
  }
}
