import CKernels

// The gradient of the input at strides above 1: dy times the transposed kernel gives rows of
// windows, tile by tile in scratch that stays in the cache, and they are added back where they came
// from.
extension ConvolutionPass {
  /// Output pixels laid out at a time: enough rows for an efficient product, few enough floats
  /// for the cache.
  private var columnPixels: Int { max(96, min(512, (160 << 10) / columnWidth)) }

  /// Floats of one thread's window rows.
  var columnCount: Int { aligned(min(columnPixels, max(pixels, 1)) * columnWidth) }

  private var columnWidth: Int {
    geometry.taps * (parts.map(\.segment.inputCount).max() ?? 0)
  }

  func transposed(
    dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    accumulate: Bool, scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let columnCount = self.columnCount
    pool.forEachTile(geometry.batch) { image, worker in
      let target = dx + image * geometry.inputImage
      if !accumulate { target.update(repeating: 0, count: geometry.inputImage) }
      for start in stride(from: 0, to: geometry.outputPixels, by: columnPixels) {
        for part in parts {
          transposedTile(
            part, dy: dy + image * geometry.outputPixels * outputChannels, kernel: kernel,
            start: start, count: min(columnPixels, geometry.outputPixels - start), dx: target,
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
}
