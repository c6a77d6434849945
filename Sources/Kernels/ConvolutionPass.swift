import CKernels

/// One direction of a convolution: what to read, what to write, and by which method.
///
/// The forward pass is one; at stride 1 the gradient of the input is another, over the flipped
/// kernel.
struct ConvolutionPass: Sendable {
  /// A segment and where its kernel begins.
  struct Part: Sendable {
    let segment: ChannelSegment
    let kernelStart: Int
  }

  /// How the sums are computed.
  enum Method: Sendable {
    /// 1×1 at stride 1: the pixels already are the rows of a matrix.
    case product
    /// Windows are laid out as rows of a matrix, tile by tile, and multiplied.
    case columns
    /// Narrow segments: a stencil over padded channel planes, where tiny products fall off.
    case planes
  }

  let geometry: WindowGeometry
  let outputChannels: Int
  let parts: [Part]
  let kernelCount: Int
  let method: Method
  let layout: PlaneLayout
  /// A gradient of the input may have channels that no segment reads; they are zero.
  let leavesOutputsOut: Bool

  init(geometry: WindowGeometry, outputChannels: Int, segments: [ChannelSegment]) {
    self.geometry = geometry
    self.outputChannels = outputChannels
    var start = 0
    parts = segments.map { segment in
      defer { start += geometry.taps * segment.inputCount * segment.outputCount }
      return Part(segment: segment, kernelStart: start)
    }
    kernelCount = start
    method = Self.method(geometry, segments)
    leavesOutputsOut = segments.reduce(0) { $0 + $1.outputCount } < outputChannels
    layout = PlaneLayout(geometry, outputChannels: outputChannels)
  }

  /// Up to this many channels a segment, on average, the stencil is at least as fast as the
  /// product; measured at 16×16 and 32×32 pixels.
  private static let planeWidth = 32

  private static func method(
    _ geometry: WindowGeometry, _ segments: [ChannelSegment]
  ) -> Method {
    guard geometry.stride == 1 else { return .columns }
    if geometry.taps == 1 { return .product }
    let widths = segments.reduce(0) { $0 + max($1.inputCount, $1.outputCount) }
    return widths <= planeWidth * segments.count ? .planes : .columns
  }

  /// Output pixels of the whole batch.
  var pixels: Int { geometry.batch * geometry.outputPixels }

  func scratchCount(threads: Int) -> Int {
    switch method {
    case .product: 0
    case .columns: threads * columnCount
    case .planes: threads * layout.floats
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    return partial + scratchCount(threads: threads)
  }

  /// y = or += the convolution of x.
  func run(
    x: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, accumulate: Bool, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    if method == .planes {
      runThroughPlanes(
        x: x, kernel: kernel, bias: bias, y: y, accumulate: accumulate, scratch: scratch,
        pool: pool)
    } else {
      runThroughColumns(
        x: x, kernel: kernel, bias: bias, y: y, accumulate: accumulate, scratch: scratch,
        pool: pool)
    }
  }

  // MARK: Kernel gradient

  /// Parts of the batch whose sums are made apart and added in order: fixed by the size, few
  /// enough that the partial kernels stay small.
  var chunks: Int {
    let byWork = (pixels + 511) / 512
    let bySize = max(2, (4 << 20) / max(kernelCount, 1))
    return max(1, min(16, byWork, bySize))
  }

  func kernelGradient(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let chunks = self.chunks
    let stride = chunks == 1 ? 0 : aligned(kernelCount)
    let partial = chunks == 1 ? dKernel : scratch
    let remaining = scratch + chunks * stride
    if method == .planes {
      kernelGradientThroughPlanes(
        x: x, dy: dy, partial: partial, stride: stride, chunks: chunks, scratch: remaining,
        pool: pool)
    } else {
      kernelGradientThroughColumns(
        x: x, dy: dy, partial: partial, stride: stride, chunks: chunks, scratch: remaining,
        pool: pool)
    }
    guard chunks > 1 else { return }
    pool.forEachRange(kernelCount, length: 16_384) { start, count in
      ck_sum_parts(partial + start, chunks, stride, dKernel + start, count)
    }
  }
}
