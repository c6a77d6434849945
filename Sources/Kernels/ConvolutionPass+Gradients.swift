import CKernels

// The gradient of a direct convolution's kernel: windows, transposed, times gradients, summed over
// pixels chunk by chunk.
extension ConvolutionPass {
  /// Whether the gradient of the input can be made on the way: of a 1×1 convolution at stride 1.
  var isPointwise: Bool { geometry.taps == 1 && geometry.stride == 1 }

  /// The most pixels whose products are summed at a time: of a tile, or, since those of a matrix lie
  /// behind each other, of several.
  private var gatheredPixels: Int {
    direct.isMatrix
      ? min(max(gatheredRows, direct.tilePixels), direct.height) : direct.tilePixels
  }

  /// Floats of their windows, and of their gradients.
  private var windowFloats: Int {
    direct.isMatrix ? aligned(gatheredPixels * geometry.inputChannels) : direct.copyFloats
  }
  private var dyFloats: Int { aligned(gatheredPixels * outputChannels) }

  /// Floats of all threads that make a gradient of the kernel.
  func gradientFloats(threads: Int) -> Int { min(threads, chunks) * workerFloats }
  private var workerFloats: Int { windowFloats + dyFloats + edgeCount + frontFloats }

  /// Floats that are needed where a segment's outputs fill no whole vectors.
  private var edgeCount: Int {
    let rows = parts.reduce(0) { most, part in
      part.segment.outputCount % 16 == 0 ? most : max(most, geometry.taps * part.segment.inputCount)
    }
    return rows == 0 ? 0 : aligned((rows + gatheredPixels) * 64)
  }

  func pointwiseScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    return partial + transposedCount + frontPackedCount + gradientFloats(threads: threads)
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
    let (chunks, total, most) = (self.chunks, direct.count, gatheredPixels)
    let packedFront = packedFront(x, scratch: scratch)
    let memory = scratch + frontPackedCount
    let workerFloats = self.workerFloats
    pool.forEachTile(chunks) { chunk, worker in
      let copy = memory + worker * workerFloats
      let gradients = copy + windowFloats
      let edge = gradients + dyFloats
      let sums = partial + chunk * stride
      let (begin, end) = (chunk * total / chunks, (chunk + 1) * total / chunks)
      if begin == end { sums.update(repeating: 0, count: kernelCount) }
      var first = begin
      while first < end {
        var (next, pixels) = (first, 0)
        // Columns of a matrix are read in steps that the processor does not foresee: tiles of both
        // are first copied, which it does foresee. A quarter faster on large tensors.
        repeat {
          let tile = direct[next]
          _ = windows(
            x, tile, copy: copy + pixels * geometry.inputChannels, packedFront: packedFront,
            frontCopy: edge + edgeCount, isCopied: true)
          dy.copy(
            direct.firstPixel(tile), direct.pixels(tile), to: gradients + pixels * outputChannels)
          pixels += direct.pixels(tile)
          next += 1
        } while direct.isMatrix && next < end && pixels + direct.pixels(direct[next]) <= most
        multiply(
          direct.joined(first..<next), windows: copy, gradients: gradients, edge: edge,
          adds: first > begin, sums: sums)
        let start = direct.firstPixel(direct[first])
        for tile in first..<next {
          then(
            tile, gradients + (direct.firstPixel(direct[tile]) - start) * outputChannels, copy)
        }
        first = next
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
      ck.directOuter(
        windows + segment.inputStart, gradients + segment.outputStart, &shape, edge, adds ? 1 : 0,
        sums + part.kernelStart)
    }
  }
}
