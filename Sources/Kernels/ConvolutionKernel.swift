import CKernels

/// A run of consecutive input channels that alone feed a run of consecutive output channels.
public struct ChannelSegment: Hashable, Sendable {
  /// First input channel, and how many.
  public let inputStart, inputCount: Int
  /// First output channel, and how many.
  public let outputStart, outputCount: Int

  /// A segment from `inputCount` channels to `outputCount` channels.
  public init(inputStart: Int, inputCount: Int, outputStart: Int, outputCount: Int) {
    self.inputStart = inputStart
    self.inputCount = inputCount
    self.outputStart = outputStart
    self.outputCount = outputCount
  }
}

/// Convolution over one or more channel segments that do not overlap; one segment that spans all
/// channels is the ordinary convolution.
///
/// Shapes: x [batch, H, W, inputChannels]; y [batch, outH, outW, outputChannels]; the kernel is
/// the concatenation over segments of [kH, kW, inputCount, outputCount]; bias [outputChannels].
/// x, y, kernel and scratch must not overlap. Nothing is allocated. Sums run in an order fixed by
/// the sizes, so any number of threads gives the same bits.
/// Cost: batch · outH · outW · kernelCount multiply-adds for each of the three passes.
public struct ConvolutionKernel: Sendable {
  /// Where the window lies.
  public let geometry: WindowGeometry
  /// Channels of the output.
  public let outputChannels: Int
  /// The segments, in order of their outputs.
  public let segments: [ChannelSegment]
  /// Floats of the kernel, all segments together.
  public let kernelCount: Int

  let forwardPass: ConvolutionPass
  /// At stride 1 the input's gradient is a convolution too, by the flipped kernel.
  let backwardPass: ConvolutionPass?
  private let leavesInputsOut: Bool
  let depthwiseMultiplier: Int?

  /// A convolution; `segments` cover the outputs in order and their inputs do not overlap.
  ///
  /// - Parameter depthwise: of a 1×1 convolution at stride 1, the depthwise convolution through which
  ///   it reads its input, as `canRead(through:)` allows; `geometry` is that of the convolution
  ///   itself.
  public init(
    geometry: WindowGeometry, outputChannels: Int, segments: [ChannelSegment],
    behind depthwise: WindowGeometry? = nil
  ) {
    self.init(
      geometry: geometry, outputChannels: outputChannels, segments: segments, isByTap: false,
      behind: depthwise)
  }

  /// With `isByTap`, segments are single channels and the kernel is [kH, kW, channels].
  init(
    geometry: WindowGeometry, outputChannels: Int, segments: [ChannelSegment], isByTap: Bool,
    behind depthwise: WindowGeometry? = nil
  ) {
    Self.check(segments, inputs: geometry.inputChannels, outputs: outputChannels)
    self.geometry = geometry
    self.outputChannels = outputChannels
    self.segments = segments
    let pass = ConvolutionPass(
      geometry: geometry, outputChannels: outputChannels, segments: segments, isByTap: isByTap,
      behind: depthwise)
    precondition(depthwise == nil || pass.isPointwise, "only 1×1 reads through a depthwise")
    forwardPass = pass
    kernelCount = pass.kernelCount
    leavesInputsOut = segments.reduce(0) { $0 + $1.inputCount } < geometry.inputChannels
    depthwiseMultiplier =
      if case .lanes = pass.method { nil } else { Self.multiplier(geometry, segments) }
    guard geometry.stride == 1 && geometry.taps > 1 else {
      backwardPass = nil
      return
    }
    let reversed = segments.map { segment in
      ChannelSegment(
        inputStart: segment.outputStart, inputCount: segment.outputCount,
        outputStart: segment.inputStart, outputCount: segment.inputCount)
    }
    backwardPass = ConvolutionPass(
      geometry: WindowGeometry(reversing: geometry, channels: outputChannels),
      outputChannels: geometry.inputChannels, segments: reversed, isByTap: isByTap)
  }

  /// Whether a 1×1 convolution at stride 1 can make this depthwise convolution as it reads.
  public static func canRead(through depthwise: WindowGeometry) -> Bool {
    DepthwiseFront.takes(depthwise)
  }

  /// Whether the forward pass of a 1×1 convolution by a packed kernel is faster when it makes this
  /// depthwise convolution.
  public static func gains(by depthwise: WindowGeometry) -> Bool {
    DepthwiseFront.takes(depthwise) && DepthwiseFront(depthwise).isLong
  }

  /// The depthwise convolution that segments of one channel each amount to, which lanes do not fit.
  var depthwise: DepthwiseKernel? {
    depthwiseMultiplier.map { DepthwiseKernel(geometry: geometry, multiplier: $0) }
  }

  /// Whether the passes may read and write through views.
  public var takesViews: Bool {
    depthwiseMultiplier == nil && forwardPass.takesViews && backwardPass?.takesViews ?? true
      && !leavesInputsOut && geometry.outputPixels > 0
  }

  /// Tiles for which `forward` leaves moments.
  public var momentTiles: Int { forwardPass.direct.count }
  /// Tiles for which `inputGradient` leaves sums.
  public var sumTiles: Int { backwardPass?.direct.count ?? forwardPass.transposedTiles }

  /// Floats of scratch that are enough for any of the three passes.
  public func scratchCount(threads: Int) -> Int {
    if let depthwise { return aligned(kernelCount) + depthwise.scratchCount(threads: threads) }
    let forward = aligned(packedCount) + packedScratchCount(threads: threads)
    let backward =
      backwardPass.map {
        aligned(kernelCount) + aligned($0.packedCount) + $0.scratchCount(threads: threads)
      }
      ?? forwardPass.transposedScratchCount(threads: threads)
    let gradient = forwardPass.kernelGradientScratchCount(threads: threads)
    let both =
      forwardPass.isPointwise
      ? forwardPass.pointwiseScratchCount(threads: threads)
      : lanes.map {
        aligned(kernelCount) + $0.pass.lanesGradientsScratchCount($0.width, threads: threads)
      } ?? 0
    return max(forward, backward, gradient, both)
  }

  /// y = x convolved with the kernel, plus bias; `moments`, of `momentTiles` tiles, those of y.
  public func forward(
    x: InputView, kernel: FloatBuffer, bias: FloatBuffer?, y: FloatBuffer,
    moments: FloatBuffer? = nil, scratch: FloatBuffer, pool: ThreadPool
  ) {
    check(x, kernel: kernel, y: y, scratch: scratch, pool: pool)
    let start = aligned(packedCount)
    let packed = scratch.slice(0, start)
    pack(kernel, bias: bias, into: packed, pool: pool)
    forward(
      x: x, packed: packed, y: y, moments: moments,
      scratch: scratch.slice(start, scratch.count - start), pool: pool)
  }

  /// dx = or += the gradient of the input.
  public func inputGradient(
    dy: GradientView, kernel: FloatBuffer, dx: GradientTarget, scratch: FloatBuffer,
    pool: ThreadPool
  ) {
    check(InputView(dx.values), kernel: kernel, y: dy.values, scratch: scratch, pool: pool)
    if let depthwise {
      depthwiseInputGradient(
        depthwise, dy: dy.values, kernel: kernel, dx: dx.values, accumulate: dx.accumulate,
        scratch: scratch, pool: pool)
      return
    }
    if leavesInputsOut && !dx.accumulate { dx.values.slice(0, geometry.inputCount).fill(0) }
    let source = TileSource(dy, channels: outputChannels)
    let target = TileTarget(dx, channels: geometry.inputChannels, tiles: sumTiles)
    if let backwardPass {
      let packed = scratch.base + aligned(kernelCount)
      flip(kernel.base, into: scratch.base)
      backwardPass.pack(scratch.base, scale: nil, bias: nil, into: packed, pool: pool)
      backwardPass.run(
        source, packed: packed, target, scratch: packed + aligned(backwardPass.packedCount),
        pool: pool)
    } else if geometry.taps == 1 {
      forwardPass.transposedPointwise(
        source, kernel: kernel.base, target, scratch: scratch.base, pool: pool)
    } else {
      forwardPass.transposed(
        source, kernel: kernel.base, target, scratch: scratch.base, pool: pool)
    }
  }

  /// dKernel = the gradient of the kernel.
  public func kernelGradient(
    x: InputView, dy: GradientView, dKernel: FloatBuffer, scratch: FloatBuffer, pool: ThreadPool
  ) {
    check(x, kernel: dKernel, y: dy.values, scratch: scratch, pool: pool)
    if let depthwise {
      depthwiseKernelGradient(
        depthwise, x: x.values, dy: dy.values, dKernel: dKernel, scratch: scratch, pool: pool)
      return
    }
    forwardPass.kernelGradient(
      TileSource(x, channels: geometry.inputChannels), TileSource(dy, channels: outputChannels),
      dKernel: dKernel.base, scratch: scratch.base, pool: pool)
  }

  /// The pass that makes both gradients of narrow segments at once, and their width.
  private var lanes: (pass: ConvolutionPass, width: Int)? {
    guard let backwardPass, case .lanes(let width) = backwardPass.method else { return nil }
    return (backwardPass, width)
  }

  /// Both gradients; those of a 1×1 convolution at stride 1 and of narrow segments are made in one
  /// pass over memory.
  public func gradients(
    x: InputView, dy: GradientView, kernel: FloatBuffer, dKernel: FloatBuffer,
    dx: GradientTarget, scratch: FloatBuffer, pool: ThreadPool
  ) {
    if let lanes {
      check(x, kernel: kernel, y: dy.values, scratch: scratch, pool: pool)
      check(InputView(dx.values), kernel: dKernel, y: dy.values, scratch: scratch, pool: pool)
      flip(kernel.base, into: scratch.base)
      lanes.pass.gradientsInLanes(
        lanes.width, TileSource(x, channels: geometry.inputChannels),
        TileSource(dy, channels: outputChannels), flipped: scratch.base, dKernel: dKernel.base,
        TileTarget(dx, channels: geometry.inputChannels, tiles: sumTiles),
        scratch: scratch.base + aligned(kernelCount), pool: pool)
      return
    }
    guard depthwiseMultiplier == nil, forwardPass.isPointwise, !leavesInputsOut else {
      kernelGradient(x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      inputGradient(dy: dy, kernel: kernel, dx: dx, scratch: scratch, pool: pool)
      return
    }
    check(x, kernel: kernel, y: dy.values, scratch: scratch, pool: pool)
    _ = dx.values.pointer(geometry.inputCount, "the input's gradient")
    forwardPass.pointwiseGradients(
      TileSource(x, channels: geometry.inputChannels), TileSource(dy, channels: outputChannels),
      kernel: kernel.base, dKernel: dKernel.base,
      TileTarget(dx, channels: geometry.inputChannels, tiles: sumTiles), scratch: scratch.base,
      pool: pool)
  }

  /// [kH, kW, in, out] of every segment → [kH, kW, out, in], window turned by half a turn.
  private func flip(
    _ kernel: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>
  ) {
    if forwardPass.isByTap {
      ck.flipKernel(kernel, geometry.taps, 1, outputChannels, flipped)
      return
    }
    for part in forwardPass.parts {
      ck.flipKernel(
        kernel + part.kernelStart, geometry.taps, part.segment.inputCount,
        part.segment.outputCount, flipped + part.kernelStart)
    }
  }

  private func check(
    _ x: InputView, kernel: FloatBuffer, y: FloatBuffer, scratch: FloatBuffer, pool: ThreadPool
  ) {
    _ = x.values.pointer((x.depthwise?.geometry ?? geometry).inputCount, "the input")
    _ = kernel.pointer(kernelCount, "the kernel")
    _ = y.pointer(geometry.batch * geometry.outputPixels * outputChannels, "the output")
    _ = scratch.pointer(scratchCount(threads: pool.threads), "scratch")
  }

  private static func check(_ segments: [ChannelSegment], inputs: Int, outputs: Int) {
    var nextOutput = 0
    for segment in segments {
      precondition(segment.inputCount > 0 && segment.outputCount > 0, "empty segment")
      precondition(segment.outputStart == nextOutput, "segments cover the outputs in order")
      precondition(segment.inputStart >= 0, "segments start at channel 0 or later")
      nextOutput += segment.outputCount
    }
    precondition(nextOutput == outputs, "segments cover \(nextOutput) of \(outputs) outputs")
    var nextInput = 0
    for segment in segments.sorted(by: { $0.inputStart < $1.inputStart }) {
      precondition(segment.inputStart >= nextInput, "segments share input channels")
      nextInput = segment.inputStart + segment.inputCount
    }
    precondition(nextInput <= inputs, "segments read channel \(nextInput - 1) of \(inputs)")
  }
}

/// Rounds a count of floats up so that what follows starts on a cache line.
func aligned(_ count: Int) -> Int { (count + 15) / 16 * 16 }
