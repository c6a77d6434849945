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
    /// Equal segments 1, 2, 4 or 8 channels wide: vectors of channels, shuffled within segments.
    case lanes(width: Int)
    /// Other narrow segments at stride 1: a stencil over padded channel planes, which fills its
    /// vectors with pixels where channels would not.
    case planes
    /// Wide segments of 3×3 kernels at stride 1: 16 products for four outputs instead of 36.
    case winograd
  }

  let geometry: WindowGeometry
  let outputChannels: Int
  let parts: [Part]
  let kernelCount: Int
  let method: Method
  let layout: PlaneLayout
  let direct: DirectLayout
  /// What makes the tiles that a 1×1 convolution reads.
  let front: DepthwiseFront?
  /// Where one segment feeds all outputs, and there are few tiles.
  let panels: PanelLayout?
  /// A gradient of the input may have channels that no segment reads; they are zero.
  let leavesOutputsOut: Bool
  /// Whether the kernel lies tap by tap, as a depthwise one does, instead of segment by segment.
  let isByTap: Bool
  /// Kept, since a step takes no memory.
  let transposedStarts: [Int]

  init(
    geometry: WindowGeometry, outputChannels: Int, segments: [ChannelSegment],
    isByTap: Bool = false, behind depthwise: WindowGeometry? = nil
  ) {
    self.geometry = geometry
    self.outputChannels = outputChannels
    self.isByTap = isByTap
    var start = 0
    parts = segments.map { segment in
      defer { start += geometry.taps * segment.inputCount * segment.outputCount }
      return Part(segment: segment, kernelStart: start)
    }
    kernelCount = start
    transposedStarts = Self.transposedStarts(parts)
    method = Self.method(geometry, segments, outputs: outputChannels)
    leavesOutputsOut = segments.reduce(0) { $0 + $1.outputCount } < outputChannels
    layout = PlaneLayout(geometry, outputChannels: outputChannels)
    let front = depthwise.map(DepthwiseFront.init)
    self.front = front
    direct =
      switch method {
      case .lanes: DirectLayout(geometry, cachedFloats: 96 << 10, mostPixels: 2040)
      case .winograd:
        DirectLayout(geometry, cachedFloats: 48 << 10, mostPixels: 504, blockEdge: 2)
      case .direct, .planes:
        front.map {
          DirectLayout(
            geometry, cachedFloats: 0, mostPixels: 0, unit: $0.geometry.outputWidth, run: $0.run)
        } ?? DirectLayout(geometry, cachedFloats: 48 << 10, mostPixels: 504)
      }
    let isWhole =
      segments.count == 1 && segments[0].inputCount == geometry.inputChannels
      && segments[0].outputCount == outputChannels
    panels =
      if case .direct = method, isWhole, front == nil {
        PanelLayout(geometry, outputs: outputChannels, direct: direct)
      } else { nil }
  }

  /// From this many channels a segment, on average over its wider side, a vector of them is full
  /// enough; both directions of a convolution then go the same way.
  private static let directWidth = 16

  private static func method(
    _ geometry: WindowGeometry, _ segments: [ChannelSegment], outputs: Int
  ) -> Method {
    if let width = laneWidth(geometry, segments, outputs: outputs) { return .lanes(width: width) }
    if WinogradLayout.isFit(for: geometry, segments, outputs: outputs) { return .winograd }
    guard geometry.stride == 1 && geometry.taps > 1 else { return .direct }
    let widths = segments.reduce(0) { $0 + max($1.inputCount, $1.outputCount) }
    return widths < directWidth * segments.count ? .planes : .direct
  }

  /// The width of equal segments that cover all channels in order and fit the lanes of a vector.
  private static func laneWidth(
    _ geometry: WindowGeometry, _ segments: [ChannelSegment], outputs: Int
  ) -> Int? {
    guard geometry.taps > 1, let width = segments.first?.inputCount,
      [1, 2, 4, 8].contains(width), outputs >= 16, segments.count * width == outputs,
      outputs == geometry.inputChannels
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

  /// Whether inputs, gradients and outputs may be seen through views.
  var takesViews: Bool { if case .planes = method { false } else { true } }

  /// Floats of scratch for `run`.
  func scratchCount(threads: Int) -> Int {
    switch method {
    case .direct:
      max(
        frontPackedCount + threads * (direct.copyFloats + tileFloats + frontFloats),
        threads * (panels?.copyFloats ?? 0))
    case .lanes: threads * (direct.copyFloats + tileFloats)
    case .planes: threads * layout.floats
    case .winograd: winogradScratchCount(threads: threads)
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    let partial = chunks == 1 ? 0 : chunks * aligned(kernelCount)
    let workers = min(threads, chunks)
    return switch method {
    case .direct:
      partial + frontPackedCount + gradientFloats(threads: threads)
    case .lanes(let width):
      (chunks + 1) * laneCount(width) + workers * (direct.copyFloats + tileFloats)
    case .planes: partial + workers * layout.floats
    case .winograd: partial + winogradGradientScratchCount(workers: workers)
    }
  }

  /// y = or += the convolution of x by a kernel that `pack` packed, where `isRectified` nothing below
  /// zero.
  func run(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool = false, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    switch method {
    case .direct:
      runDirectly(x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
    case .lanes(let width):
      runInLanes(
        width, x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
    case .planes:
      precondition(x.isPlain && !y.needsTile, "planes see no views")
      runThroughPlanes(
        x: x.values, packed: packed, isRectified: isRectified, y: y.values,
        accumulate: y.accumulate, scratch: scratch, pool: pool)
    case .winograd:
      runByWinograd(x, packed: packed, isRectified: isRectified, y, scratch: scratch, pool: pool)
    }
  }

  // MARK: Kernel gradient

  /// Parts of the batch whose sums are made apart and added in order: fixed by the size, two from 192
  /// pixels on, more while the partial kernels stay small, and a power of two, which most numbers of
  /// threads share out evenly.
  var chunks: Int {
    let byWork = max((pixels + 511) / 512, min(2, pixels / 96))
    let bySize = max(2, (4 << 20) / max(kernelCount, 1))
    let most = max(1, min(16, byWork, bySize))
    return 1 << (most.bitWidth - 1 - most.leadingZeroBitCount)
  }

  /// Rows of products that are worth waiting for. The more sums there are, the further they come
  /// from and go back to each time: 64 KB of them are worth no wait, 1 MB, which is all of a
  /// second-level cache, 128 rows. 256 are the most, which bounds the copies that wait.
  var gatheredRows: Int {
    let sums = parts.reduce(0) { $0 + $1.segment.inputCount * $1.segment.outputCount }
    return min(sums / 2048, 256)
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let chunks = self.chunks
    let stride = chunks == 1 ? 0 : aligned(kernelCount)
    let partial = chunks == 1 ? dKernel : scratch
    let remaining = scratch + chunks * stride
    switch method {
    case .lanes(let width):
      kernelGradientInLanes(width, x, dy, dKernel: dKernel, scratch: scratch, pool: pool)
      return
    case .direct:
      kernelGradientDirectly(
        x, dy, partial: partial, stride: stride, scratch: remaining, pool: pool)
    case .planes:
      precondition(x.isPlain && dy.isPlain, "planes see no views")
      kernelGradientThroughPlanes(
        x: x.values, dy: dy.values, partial: partial, stride: stride, chunks: chunks,
        scratch: remaining, pool: pool)
    case .winograd:
      kernelGradientByWinograd(
        x, dy, partial: partial, stride: stride, chunks: chunks, scratch: remaining, pool: pool)
    }
    addParts(partial, stride, into: dKernel, pool)
  }

  /// Adds the chunks' sums in order.
  private func addParts(
    _ partial: UnsafePointer<Float>, _ stride: Int, into dKernel: UnsafeMutablePointer<Float>,
    _ pool: ThreadPool
  ) {
    let chunks = self.chunks
    guard chunks > 1 else { return }
    pool.forEachRange(kernelCount, length: 16_384) { start, count in
      ck.sumParts(partial + start, chunks, stride, dKernel + start, count)
    }
  }

  /// Both gradients of a 1×1 convolution at stride 1.
  func pointwiseGradients(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let stride = chunks == 1 ? 0 : aligned(kernelCount)
    let partial = chunks == 1 ? dKernel : scratch
    gradientsOfPointwise(
      x, dy, kernel: kernel, dx, partial: partial, stride: stride,
      scratch: scratch + chunks * stride, pool: pool)
    addParts(partial, stride, into: dKernel, pool)
  }
}
