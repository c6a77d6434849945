import CKernels

// Convolution straight from the input: a block of output pixels and channels stays in registers
// while its windows are read where they lie. The kernel is cut into panels beforehand.
extension ConvolutionPass {
  /// Floats that the kernel's gradient needs where a segment's outputs fill no whole vectors.
  var edgeCount: Int {
    let rows = parts.reduce(0) { most, part in
      part.segment.outputCount % 16 == 0 ? most : max(most, geometry.taps * part.segment.inputCount)
    }
    return rows == 0 ? 0 : aligned((rows + direct.tilePixels) * 64)
  }

  /// Floats of one tile of outputs.
  var tileFloats: Int { aligned(direct.tilePixels * outputChannels) }

  /// Floats of the kernel of the depthwise convolution before, and of one thread's windows of it.
  var frontPackedCount: Int { front?.packedCount ?? 0 }
  var frontFloats: Int { front?.copyFloats ?? 0 }

  /// Where a tile's windows lie: in x itself, or in `copy`, which is filled with them or with what
  /// the depthwise convolution before makes of x.
  private func windows(
    _ x: TileSource, _ tile: DirectLayout.Tile, copy: UnsafeMutablePointer<Float>,
    packedFront: UnsafePointer<Float>, frontCopy: UnsafeMutablePointer<Float>,
    isCopied: Bool = false
  ) -> UnsafePointer<Float> {
    guard let front else { return direct.windows(x, tile, copy: copy, isCopied: isCopied) }
    front.make(
      x, direct.firstPixel(tile), direct.pixels(tile), packed: packedFront, copy: frontCopy,
      into: copy)
    return UnsafePointer(copy)
  }

  /// The kernel of the depthwise convolution before, packed.
  private func packedFront(
    _ x: TileSource, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard let front, let view = x.depthwise else { return UnsafePointer(scratch) }
    return front.packed(view, scratch: scratch)
  }

  func runDirectly(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if let panels, panels.takes(x), y.isPlain {
      runInPanels(
        panels, x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
      return
    }
    let packedFront = packedFront(x, scratch: scratch)
    let copies = scratch + frontPackedCount
    let workerFloats = direct.copyFloats + tileFloats + frontFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = copies + worker * workerFloats
      let windows = windows(
        x, tile, copy: copy, packedFront: packedFront,
        frontCopy: copy + direct.copyFloats + tileFloats)
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      let at = pixel * outputChannels
      let result = y.needsTile ? copy + direct.copyFloats : y.values + at
      let addend = y.accumulate && !y.needsTile ? UnsafePointer(y.values) : y.addend
      forEachPart { part, start in
        let segment = part.segment
        var shape = direct.tile(
          tile, inputs: segment.inputCount, outputs: segment.outputCount,
          channels: outputChannels)
        let next = (start + Self.packedCount(part, geometry)) % packedCount
        ck_direct_rows(
          windows + segment.inputStart, &shape, packed + start, packed + next,
          addend.map { $0 + at + segment.outputStart }, result + segment.outputStart,
          isRectified ? 1 : 0)
      }
      y.finish(index, pixel, count, result: result)
    }
  }

  func kernelGradientDirectly(
    _ x: TileSource, _ dy: TileSource, partial: UnsafeMutablePointer<Float>, stride: Int,
    chunks: Int, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let total = direct.count
    let packedFront = packedFront(x, scratch: scratch)
    let copies = scratch + frontPackedCount
    let workerFloats = pointwiseFloats
    pool.forEachTile(chunks) { chunk, worker in
      let sums = partial + chunk * stride
      sums.update(repeating: 0, count: kernelCount)
      let copy = copies + worker * workerFloats
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        // Columns of a matrix are read in steps that the processor does not foresee: both tiles are
        // first copied to the cache, which it does foresee. A quarter faster on large tensors.
        let windows = windows(
          x, tile, copy: copy, packedFront: packedFront,
          frontCopy: copy + workerFloats - frontFloats,
          isCopied: true)
        let gradient = dy.pixels(
          direct.firstPixel(tile), direct.pixels(tile), copy: copy + direct.copyFloats,
          isCopied: true)
        addKernelGradient(
          tile, windows: windows, gradient: gradient, sums: sums,
          edge: copy + direct.copyFloats + tileFloats)
      }
    }
  }

  private func addKernelGradient(
    _ tile: DirectLayout.Tile, windows: UnsafePointer<Float>, gradient: UnsafePointer<Float>,
    sums: UnsafeMutablePointer<Float>, edge: UnsafeMutablePointer<Float>
  ) {
    for part in parts {
      let segment = part.segment
      var shape = direct.tile(
        tile, inputs: segment.inputCount, outputs: segment.outputCount, channels: outputChannels)
      ck_direct_outer(
        windows + segment.inputStart, gradient + segment.outputStart, &shape, edge,
        sums + part.kernelStart)
    }
  }

  // MARK: Both gradients of a 1×1 convolution at once

  /// Whether `gradientsOfPointwise` applies.
  var isPointwise: Bool { geometry.taps == 1 && geometry.stride == 1 }

  /// dx and dKernel of a 1×1 convolution at stride 1: dy and x are read once for both.
  func gradientsOfPointwise(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    partial: UnsafeMutablePointer<Float>, stride: Int, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    packTransposed(kernel, into: scratch, pool)
    let (chunks, total) = (self.chunks, direct.count)
    let frontScratch = scratch + transposedCount
    let packedFront = packedFront(x, scratch: frontScratch)
    let tiles = frontScratch + frontPackedCount
    let workerFloats = pointwiseFloats
    pool.forEachTile(chunks) { chunk, worker in
      let sums = partial + chunk * stride
      sums.update(repeating: 0, count: kernelCount)
      let copy = tiles + worker * workerFloats
      let gradients = copy + direct.copyFloats
      for index in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let tile = direct[index]
        let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
        let windows = windows(
          x, tile, copy: copy, packedFront: packedFront,
          frontCopy: copy + workerFloats - frontFloats, isCopied: true)
        let gradient = dy.pixels(pixel, count, copy: gradients, isCopied: true)
        addKernelGradient(
          tile, windows: windows, gradient: gradient, sums: sums,
          edge: gradients + tileFloats)
        // The copy of x is done with and makes room for dx.
        let result = dx.needsTile ? copy : dx.values + pixel * dx.channels
        multiplyTransposed(
          tile, gradient, packed: scratch, into: result, accumulate: dx.accumulate && !dx.needsTile)
        dx.finish(index, pixel, count, result: result)
      }
    }
  }

  /// Floats of one thread for a gradient of the kernel, or for both gradients.
  private var pointwiseFloats: Int {
    direct.copyFloats + tileFloats + edgeCount + frontFloats
  }

  func pointwiseScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    return partial + transposedCount + frontPackedCount + threads * pointwiseFloats
  }
}
