import CKernels

// Convolution straight from the input: a block of output pixels and channels stays in registers
// while its windows are read where they lie. The kernel is cut into panels once a pass.
extension ConvolutionPass {
  /// Calls `body` with every segment and where its packed kernel begins.
  private func forEachPart(_ body: (Part, _ packed: Int) -> Void) {
    var packed = 0
    for part in parts {
      body(part, packed)
      packed += Self.packedCount(part, geometry)
    }
  }

  private static func packedCount(_ part: Part, _ geometry: WindowGeometry) -> Int {
    geometry.taps * part.segment.inputCount * aligned(part.segment.outputCount)
  }

  /// Floats of all packed kernels.
  var packedCount: Int {
    if case .lanes(let width) = method { return geometry.taps * width * aligned(outputChannels) }
    return parts.reduce(0) { $0 + Self.packedCount($1, geometry) }
  }

  /// Cuts a kernel into panels, a large one on all threads.
  static func pack(
    _ kernel: UnsafePointer<Float>, rows: Int, columns: Int,
    into packed: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let isLarge = rows * columns >= 1 << 16
    (isLarge ? pool : ThreadPool(threads: 1)).forEachRange(columns, length: 64) { start, count in
      ck_pack_kernel(kernel + start, rows, count, columns, packed + rows * start)
    }
  }

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

  private func packFront(_ x: TileSource, into packed: UnsafeMutablePointer<Float>) {
    if let front, let kernel = x.depthwise { front.pack(kernel, into: packed) }
  }

  func runDirectly(
    _ x: TileSource, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    forEachPart { part, start in
      Self.pack(
        kernel + part.kernelStart, rows: geometry.taps * part.segment.inputCount,
        columns: part.segment.outputCount, into: scratch + start, pool)
    }
    let packedFront = scratch + packedCount
    packFront(x, into: packedFront)
    let copies = packedFront + frontPackedCount
    let workerFloats = direct.copyFloats + tileFloats + frontFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let copy = copies + worker * workerFloats
      let windows = windows(
        x, tile, copy: copy, packedFront: packedFront,
        frontCopy: copy + direct.copyFloats + tileFloats)
      let (pixel, count) = (direct.firstPixel(tile), direct.pixels(tile))
      let result =
        y.needsTile ? copy + direct.copyFloats : y.values + pixel * outputChannels
      forEachPart { part, packed in
        let segment = part.segment
        if let bias {
          ck_fill_rows(
            bias + segment.outputStart, result + segment.outputStart, count, segment.outputCount,
            outputChannels)
        }
        var shape = direct.tile(
          tile, inputs: segment.inputCount, outputs: segment.outputCount,
          channels: outputChannels)
        ck_direct_rows(
          windows + segment.inputStart, &shape, scratch + packed, result + segment.outputStart,
          y.accumulate && !y.needsTile || bias != nil ? 1 : 0)
      }
      y.finish(index, pixel, count, result: result)
    }
  }

  func kernelGradientDirectly(
    _ x: TileSource, _ dy: TileSource, partial: UnsafeMutablePointer<Float>, stride: Int,
    chunks: Int, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let total = direct.count
    packFront(x, into: scratch)
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
          x, tile, copy: copy, packedFront: scratch, frontCopy: copy + workerFloats - frontFloats,
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
    let packedFront = scratch + transposedCount
    packFront(x, into: packedFront)
    let tiles = packedFront + frontPackedCount
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
