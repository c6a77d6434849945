import CKernels

// The gradient of the input where it is no convolution at stride 1: dy times the transposed kernel.
extension ConvolutionPass {
  // MARK: 1×1

  /// Every stride-th pixel of dx gets a product, the others nothing.
  func transposedPointwise(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    packTransposed(kernel, into: scratch, pool)
    let tiles = scratch + transposedCount
    let workerFloats = direct.copyFloats + tileFloats
    pool.forEachTile(direct.count) { index, worker in
      let tile = direct[index]
      let region = direct.region(tile)
      let copy = tiles + worker * workerFloats
      let source = dy.pixels(
        direct.firstPixel(tile), direct.pixels(tile), copy: copy + direct.copyFloats)
      let result = dx.needsTile ? copy : dx.values + region.lowerBound * dx.channels
      let adds = dx.accumulate && !dx.needsTile
      if geometry.stride > 1 && !adds {
        result.update(repeating: 0, count: region.count * dx.channels)
      }
      multiplyTransposed(tile, source, packed: scratch, into: result, accumulate: adds)
      dx.finish(index, region.lowerBound, region.count, result: result)
    }
  }

  /// Transposes and packs the kernels of all segments, each where `transposedStarts` says.
  func packTransposed(
    _ kernel: UnsafePointer<Float>, into scratch: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let turned = scratch + transposedStarts[parts.count]
    for (part, start) in zip(parts, transposedStarts) {
      let segment = part.segment
      ck.flipKernel(
        kernel + part.kernelStart, 1, segment.inputCount, segment.outputCount, turned)
      Self.pack(
        turned, rows: segment.outputCount, columns: segment.inputCount, into: scratch + start, pool)
    }
  }

  func multiplyTransposed(
    _ tile: DirectLayout.Tile, _ dy: UnsafePointer<Float>, packed: UnsafePointer<Float>,
    into dx: UnsafeMutablePointer<Float>, accumulate: Bool
  ) {
    for (part, start) in zip(parts, transposedStarts) {
      var shape = transposedTile(tile, part.segment)
      let target = dx + part.segment.inputStart
      var epilogue = ck_epilogue(bias: nil, addend: accumulate ? target : nil, isRectified: 0)
      ck.directRows(
        dy + part.segment.outputStart, &shape, packed + start, nil, &epilogue, target)
    }
  }

  private func transposedTile(_ tile: DirectLayout.Tile, _ segment: ChannelSegment) -> ck_tile {
    var shape = direct.tile(
      tile, inputs: segment.inputCount, outputs: segment.outputCount, channels: outputChannels)
    swap(&shape.xImage, &shape.yImage)
    swap(&shape.xRow, &shape.yRow)
    swap(&shape.xStep, &shape.yStep)
    swap(&shape.inputs, &shape.outputs)
    return shape
  }

  /// Where the packed transposed kernels begin; the last number is where they end.
  static func transposedStarts(_ parts: [Part]) -> [Int] {
    parts.reduce(into: [0]) { starts, part in
      starts.append(
        starts[starts.count - 1]
          + packedCount(rows: part.segment.outputCount, columns: part.segment.inputCount))
    }
  }

  var transposedCount: Int {
    let largest = parts.reduce(0) { max($0, $1.segment.inputCount * $1.segment.outputCount) }
    return aligned(transposedStarts[parts.count] + largest)
  }

  // MARK: Larger windows at strides above 1

  /// The product gives rows of windows, tile by tile in scratch that stays in the cache, and they
  /// are added back where they came from.
  func transposed(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let workerFloats = columnCount + imageFloats
    let pixels = geometry.inputHeight * geometry.inputWidth
    pool.forEachTile(geometry.batch) { image, worker in
      let own = scratch + worker * workerFloats
      let copy = own + columnCount
      let gradient = dy.pixels(
        image * geometry.outputPixels, geometry.outputPixels, copy: copy + geometry.inputImage)
      let result = dx.needsTile ? copy : dx.values + image * geometry.inputImage
      if dx.needsTile || !dx.accumulate {
        result.update(repeating: 0, count: geometry.inputImage)
      }
      for start in stride(from: 0, to: geometry.outputPixels, by: columnPixels) {
        for part in parts {
          transposedColumns(
            part, dy: gradient, kernel: kernel, start: start,
            count: min(columnPixels, geometry.outputPixels - start), dx: result, scratch: own)
        }
      }
      dx.finish(image, image * pixels, pixels, result: result)
    }
  }

  /// Output pixels laid out at a time: enough rows for an efficient product, few enough floats
  /// for the cache.
  private var columnPixels: Int { max(96, min(512, (160 << 10) / columnWidth)) }

  /// Floats of one thread's window rows.
  private var columnCount: Int { aligned(min(columnPixels, max(pixels, 1)) * columnWidth) }

  /// Floats of an image of either side, where gradients are seen through views.
  private var imageFloats: Int {
    aligned(geometry.inputImage + geometry.outputPixels * outputChannels)
  }

  private var columnWidth: Int {
    geometry.taps * parts.reduce(0) { max($0, $1.segment.inputCount) }
  }

  private func transposedColumns(
    _ part: Part, dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, start: Int, count: Int,
    dx: UnsafeMutablePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) {
    let segment = part.segment
    let width = geometry.taps * segment.inputCount
    MatrixKernel.product(
      .init(dy + start * outputChannels + segment.outputStart, outputChannels),
      .init(kernel + part.kernelStart, segment.outputCount, true), into: scratch, stride: width,
      size: (count, segment.outputCount, width), accumulate: false)
    var window = geometry.window(channels: geometry.inputChannels)
    ck.addColumns(scratch, &window, segment.inputStart, segment.inputCount, start, count, dx)
  }

  /// Floats of scratch for either.
  func transposedScratchCount(threads: Int) -> Int {
    geometry.taps == 1
      ? transposedCount + threads * (direct.copyFloats + tileFloats)
      : threads * (columnCount + imageFloats)
  }

  /// Tiles of dx in either.
  var transposedTiles: Int { geometry.taps == 1 ? direct.count : geometry.batch }
}
