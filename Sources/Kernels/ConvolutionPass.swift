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
    /// Windows are read where they lie and all sums of a block stay in registers.
    case direct
    /// Equal segments 2, 4 or 8 channels wide: vectors of channels, shuffled within segments.
    case lanes(width: Int)
    /// Other narrow segments at stride 1: a stencil over padded channel planes, which fills its
    /// vectors with pixels where channels would not.
    case planes
  }

  let geometry: WindowGeometry
  let outputChannels: Int
  let parts: [Part]
  let kernelCount: Int
  let method: Method
  let layout: PlaneLayout
  let direct: DirectLayout
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
    method = Self.method(geometry, segments, outputChannels: outputChannels)
    leavesOutputsOut = segments.reduce(0) { $0 + $1.outputCount } < outputChannels
    layout = PlaneLayout(geometry, outputChannels: outputChannels)
    direct = DirectLayout(geometry)
  }

  /// From this many outputs a segment, on average, a vector of them is full enough.
  private static let directWidth = 16

  private static func method(
    _ geometry: WindowGeometry, _ segments: [ChannelSegment], outputChannels: Int
  ) -> Method {
    guard geometry.taps > 1 else { return .direct }
    if let width = laneWidth(geometry, segments, outputs: outputChannels) { return .lanes(width: width) }
    guard geometry.stride == 1 else { return .direct }
    let outputs = segments.reduce(0) { $0 + $1.outputCount }
    return outputs < directWidth * segments.count ? .planes : .direct
  }

  /// The width of equal segments that cover all channels in order and fit the lanes of a vector.
  private static func laneWidth(
    _ geometry: WindowGeometry, _ segments: [ChannelSegment], outputs: Int
  ) -> Int? {
    guard let width = segments.first?.inputCount, [2, 4, 8].contains(width),
      outputs >= 16, segments.count * width == outputs, outputs == geometry.inputChannels
    else { return nil }
    for (index, segment) in segments.enumerated() {
      guard segment.inputStart == index * width, segment.inputCount == width,
        segment.outputCount == width
      else { return nil }
    }
    return width
  }

  /// Output pixels of the whole batch.
  var pixels: Int { geometry.batch * geometry.outputPixels }

  func scratchCount(threads: Int) -> Int {
    switch method {
    case .direct: packedCount + threads * direct.copyFloats
    case .lanes: packedCount + threads * (direct.copyFloats + tileFloats)
    case .planes: threads * layout.floats
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    return switch method {
    case .direct: partial + threads * (direct.copyFloats + aligned(edgeCount))
    case .lanes: (chunks + 1) * packedCount + threads * direct.copyFloats
    case .planes: partial + threads * layout.floats
    }
  }

  func transposedScratchCount(threads: Int) -> Int {
    geometry.taps == 1 ? transposedCount : threads * columnCount
  }

  /// y = or += the convolution of x.
  func run(
    x: UnsafePointer<Float>, kernel: UnsafePointer<Float>, bias: UnsafePointer<Float>?,
    y: UnsafeMutablePointer<Float>, accumulate: Bool, scratch: UnsafeMutablePointer<Float>,
    pool: ThreadPool
  ) {
    switch method {
    case .direct:
      runDirectly(
        x: x, kernel: kernel, bias: bias, y: y, accumulate: accumulate, scratch: scratch,
        pool: pool)
    case .lanes(let width):
      runInLanes(
        width, x: x, kernel: kernel, bias: bias, y: y, accumulate: accumulate, scratch: scratch,
        pool: pool)
    case .planes:
      runThroughPlanes(
        x: x, kernel: kernel, bias: bias, y: y, accumulate: accumulate, scratch: scratch,
        pool: pool)
    }
  }

  // MARK: Kernel gradient

  /// Parts of the batch whose sums are made apart and added in order: fixed by the size, few
  /// enough that the partial kernels stay small, and a power of two, which most numbers of threads
  /// share out evenly.
  var chunks: Int {
    let byWork = (pixels + 511) / 512
    let bySize = max(2, (4 << 20) / max(kernelCount, 1))
    let most = max(1, min(16, byWork, bySize))
    return 1 << (most.bitWidth - 1 - most.leadingZeroBitCount)
  }

  func kernelGradient(
    x: UnsafePointer<Float>, dy: UnsafePointer<Float>, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    if case .lanes(let width) = method {
      kernelGradientInLanes(width, x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      return
    }
    let chunks = self.chunks
    let stride = chunks == 1 ? 0 : aligned(kernelCount)
    let partial = chunks == 1 ? dKernel : scratch
    let remaining = scratch + chunks * stride
    if case .planes = method {
      kernelGradientThroughPlanes(
        x: x, dy: dy, partial: partial, stride: stride, chunks: chunks, scratch: remaining,
        pool: pool)
    } else {
      kernelGradientDirectly(
        x: x, dy: dy, partial: partial, stride: stride, chunks: chunks, scratch: remaining,
        pool: pool)
    }
    guard chunks > 1 else { return }
    pool.forEachRange(kernelCount, length: 16_384) { start, count in
      ck_sum_parts(partial + start, chunks, stride, dKernel + start, count)
    }
  }
}
