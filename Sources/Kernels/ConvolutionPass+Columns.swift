import CKernels

// Convolution as matrix products: windows become rows, tile by tile, in scratch that stays in the
// cache. A 1×1 convolution at stride 1 needs no rows: its input is the matrix.
extension ConvolutionPass {
  /// Output pixels laid out at a time: enough rows for an efficient product, few enough floats
  /// for the cache.
  var tilePixels: Int {
    guard method != .product else { return 512 }
    return max(96, min(512, (160 << 10) / columnWidth))
  }

  /// Floats of one thread's window rows.
  var columnCount: Int { aligned(min(tilePixels, max(pixels, 1)) * columnWidth) }

  private var columnWidth: Int {
    geometry.taps * (parts.map(\.segment.inputCount).max() ?? 0)
  }

  func runThroughColumns(
    x: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, accumulate: Bool, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let length = tilePixels
    let columnCount = method == .product ? 0 : self.columnCount
    pool.forEachTile((pixels + length - 1) / length) { tile, worker in
      let start = tile * length
      let count = min(length, pixels - start)
      for part in parts {
        let segment = part.segment
        let rows = self.rows(
          of: x, segment, start: start, count: count, scratch: scratch + worker * columnCount)
        let target = y + start * outputChannels + segment.outputStart
        if let bias {
          ck_fill_rows(
            bias + segment.outputStart, target, count, segment.outputCount, outputChannels)
        }
        MatrixKernel.product(
          rows, .init(kernel + part.kernelStart, segment.outputCount), into: target,
          stride: outputChannels,
          size: (count, geometry.taps * segment.inputCount, segment.outputCount),
          accumulate: accumulate || bias != nil)
      }
    }
  }

  /// The windows of pixels [start, start + count) as a matrix.
  private func rows(
    of x: UnsafePointer<Float>, _ segment: ChannelSegment, start: Int, count: Int,
    scratch: UnsafeMutablePointer<Float>
  ) -> MatrixKernel.Operand {
    if method == .product {
      let channels = geometry.inputChannels
      return .init(x + start * channels + segment.inputStart, channels)
    }
    var window = geometry.window(channels: geometry.inputChannels)
    ck_columns(x, &window, segment.inputStart, segment.inputCount, start, count, scratch)
    return .init(scratch, geometry.taps * segment.inputCount)
  }

  // MARK: Input gradient

  /// dx = or += dy times the transposed kernel: of a 1×1 convolution directly, else through rows
  /// of windows that are added back where they came from.
  func transposed(
    dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    accumulate: Bool, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if method == .product {
      transposedProduct(dy: dy, kernel: kernel, dx: dx, accumulate: accumulate, pool: pool)
      return
    }
    let columnCount = self.columnCount
    pool.forEachTile(geometry.batch) { image, worker in
      let target = dx + image * geometry.inputImage
      if !accumulate { target.update(repeating: 0, count: geometry.inputImage) }
      for start in stride(from: 0, to: geometry.outputPixels, by: tilePixels) {
        for part in parts {
          transposedTile(
            part, dy: dy + image * geometry.outputPixels * outputChannels, kernel: kernel,
            start: start, count: min(tilePixels, geometry.outputPixels - start), dx: target,
            scratch: scratch + worker * columnCount)
        }
      }
    }
  }

  private func transposedTile(
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
    ck_add_columns(scratch, &window, segment.inputStart, segment.inputCount, start, count, dx)
  }

  private func transposedProduct(
    dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    accumulate: Bool, pool: ThreadPool
  ) {
    let channels = geometry.inputChannels
    pool.forEachRange(pixels, length: tilePixels) { start, count in
      for part in parts {
        let segment = part.segment
        MatrixKernel.product(
          .init(dy + start * outputChannels + segment.outputStart, outputChannels),
          .init(kernel + part.kernelStart, segment.outputCount, true),
          into: dx + start * channels + segment.inputStart, stride: channels,
          size: (count, segment.outputCount, segment.inputCount), accumulate: accumulate)
      }
    }
  }

  // MARK: Kernel gradient

  func kernelGradientThroughColumns(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, partial: UnsafeMutablePointer<Float>,
    stride partialStride: Int, chunks: Int, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    let chunkPixels = (pixels + chunks - 1) / chunks
    let columnCount = method == .product ? 0 : self.columnCount
    pool.forEachTile(chunks) { chunk, worker in
      let sums = partial + chunk * partialStride
      let begin = min(chunk * chunkPixels, pixels)
      let end = min(begin + chunkPixels, pixels)
      if begin == end { sums.update(repeating: 0, count: kernelCount) }
      for start in stride(from: begin, to: end, by: tilePixels) {
        let count = min(tilePixels, end - start)
        for part in parts {
          let segment = part.segment
          let rows = self.rows(
            of: x, segment, start: start, count: count, scratch: scratch + worker * columnCount)
          MatrixKernel.product(
            .init(rows.base, rows.stride, true),
            .init(dy + start * outputChannels + segment.outputStart, outputChannels),
            into: sums + part.kernelStart, stride: segment.outputCount,
            size: (geometry.taps * segment.inputCount, count, segment.outputCount),
            accumulate: start > begin)
        }
      }
    }
  }
}
