import CKernels

/// Depthwise convolution: every input channel alone, `multiplier` outputs each.
///
/// Shapes: x [batch, H, W, C]; kernel [kH, kW, C, multiplier]; y [batch, outH, outW,
/// C · multiplier], output channel c · multiplier + m. x, y, kernel and scratch must not overlap.
/// With multiplier 1 the passes may see their inputs and gradients through views.
/// With a multiplier m the input is repeated m times per channel, image by image, in scratch;
/// what is left is the case of multiplier 1, whose kernel lies in memory just the same.
/// Cost: batch · outH · outW · kernelCount multiply-adds for each of the three passes.
public struct DepthwiseKernel: Sendable {
  /// Where the window lies.
  public let geometry: WindowGeometry
  /// Outputs of each input channel.
  public let multiplier: Int
  let channels: Int
  /// With multiplier 1 it is a convolution of segments one channel wide.
  let lanes: ConvolutionKernel?

  /// A depthwise convolution.
  public init(geometry: WindowGeometry, multiplier: Int) {
    precondition(multiplier > 0, "the multiplier is at least 1")
    self.geometry = geometry
    self.multiplier = multiplier
    channels = geometry.inputChannels * multiplier
    guard multiplier == 1, geometry.inputChannels >= 16, geometry.taps > 1 else {
      lanes = nil
      return
    }
    let segments = (0..<channels).map {
      ChannelSegment(inputStart: $0, inputCount: 1, outputStart: $0, outputCount: 1)
    }
    // At strides above 1 the input's gradient has loops of its own here.
    lanes =
      geometry.stride > 1
      ? nil
      : ConvolutionKernel(
        geometry: geometry, outputChannels: channels, segments: segments, isByTap: true)
  }

  /// Whether the passes may read and write through views.
  public var takesViews: Bool { lanes?.takesViews ?? false }
  /// Tiles for which `forward` leaves moments.
  public var momentTiles: Int { lanes?.momentTiles ?? 0 }
  /// Tiles for which `inputGradient` leaves sums.
  public var sumTiles: Int { lanes?.sumTiles ?? 0 }

  /// Floats of the kernel.
  public var kernelCount: Int { geometry.taps * channels }

  /// Floats of scratch that are enough for any of the three passes.
  public func scratchCount(threads: Int) -> Int {
    lanes?.scratchCount(threads: threads)
      ?? max(aligned(packedCount), max(1, chunks) * aligned(kernelCount)) + threads * repeatedCount
  }

  /// y = x convolved with the kernel; `moments`, of `momentTiles` tiles, those of y.
  public func forward(
    x: InputView, kernel: FloatBuffer, y: FloatBuffer, moments: FloatBuffer? = nil,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    check(x: x.values, kernel: kernel, y: y, scratch: scratch, pool: pool)
    let start = aligned(packedCount)
    let packed = scratch.slice(0, start)
    pack(kernel, bias: nil, into: packed, pool: pool)
    forward(
      x: x, packed: packed, y: y, moments: moments,
      scratch: scratch.slice(start, scratch.count - start), pool: pool)
  }

  /// dx = or += the gradient of the input.
  public func inputGradient(
    dy gradient: GradientView, kernel: FloatBuffer, dx target: GradientTarget,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    let (dy, dx, accumulate) = (gradient.values, target.values, target.accumulate)
    check(x: dx, kernel: kernel, y: dy, scratch: scratch, pool: pool)
    if let lanes {
      lanes.inputGradient(dy: gradient, kernel: kernel, dx: target, scratch: scratch, pool: pool)
      return
    }
    let flipped = scratch.base
    if geometry.stride == 1 { flip(kernel.base, into: flipped) }
    let images = scratch.base + aligned(kernelCount)
    forEachBand(rows: geometry.inputHeight, pool: pool) { image, first, rows, worker in
      let target = dx.base + image * geometry.inputImage
      let repeated = multiplier == 1 ? target : images + worker * repeatedCount
      inputGradientBand(
        dy: dy.base + image * outputImage, kernel: kernel.base, flipped: flipped, dx: repeated,
        rows: first..<first + rows, accumulate: accumulate && multiplier == 1)
      if multiplier > 1 {
        ck.sumRepeats(repeated, geometry.inputImage, multiplier, target, accumulate ? 1 : 0)
      }
    }
  }

  /// dKernel = the gradient of the kernel.
  public func kernelGradient(
    x view: InputView, dy gradient: GradientView, dKernel: FloatBuffer, scratch: FloatBuffer,
    pool: ThreadPool
  ) {
    let (x, dy) = (view.values, gradient.values)
    check(x: x, kernel: dKernel, y: dy, scratch: scratch, pool: pool)
    if let lanes {
      lanes.kernelGradient(
        x: view, dy: gradient, dKernel: dKernel, scratch: scratch, pool: pool)
      return
    }
    let (chunks, bands, stride) = (self.chunks, self.bands, aligned(kernelCount))
    let total = geometry.batch * bands
    let bandRows = (geometry.outputHeight + bands - 1) / bands
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch.base + chunk * stride
      sums.update(repeating: 0, count: kernelCount)
      for unit in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let (image, first) = (unit / bands, unit % bands * bandRows)
        let source = repeated(
          x.base + image * geometry.inputImage,
          scratch: scratch.base + chunks * stride + worker * repeatedCount)
        var window = geometry.window(channels: channels)
        ck.depthwiseKernelGradient(
          source, dy.base + image * outputImage, &window, first,
          max(0, min(bandRows, geometry.outputHeight - first)), sums)
      }
    }
    ck.sumParts(scratch.base, chunks, stride, dKernel.base, chunks > 0 ? kernelCount : 0)
    if chunks == 0 { dKernel.fill(0) }
  }

  /// Both gradients, in one pass over memory where views are taken.
  public func gradients(
    x: InputView, dy: GradientView, kernel: FloatBuffer, dKernel: FloatBuffer,
    dx: GradientTarget, scratch: FloatBuffer, pool: ThreadPool
  ) {
    if let lanes {
      lanes.gradients(
        x: x, dy: dy, kernel: kernel, dKernel: dKernel, dx: dx, scratch: scratch, pool: pool)
    } else {
      kernelGradient(x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      inputGradient(dy: dy, kernel: kernel, dx: dx, scratch: scratch, pool: pool)
    }
  }

  private func inputGradientBand(
    dy: UnsafePointer<Float>, kernel: UnsafePointer<Float>, flipped: UnsafePointer<Float>,
    dx: UnsafeMutablePointer<Float>, rows: Range<Int>, accumulate: Bool
  ) {
    if geometry.stride == 1 {
      var window = WindowGeometry(reversing: geometry, channels: channels)
        .window(channels: channels)
      var epilogue = ck_epilogue(bias: nil, addend: accumulate ? dx : nil, isRectified: 0)
      ck.depthwiseRows(dy, flipped, &window, rows.lowerBound, rows.count, &epilogue, dx)
    } else {
      var window = geometry.window(channels: channels)
      ck.depthwiseInputGradient(
        dy, kernel, &window, rows.lowerBound, rows.count, accumulate ? 1 : 0, dx)
    }
  }

  // MARK: Tiles and scratch

  var outputImage: Int { geometry.outputPixels * channels }

  var repeatedCount: Int {
    multiplier == 1
      ? 0 : aligned(geometry.inputHeight * geometry.inputWidth * channels)
  }

  /// Bands of rows in which one image's kernel gradient is taken, for the cache.
  private var bands: Int {
    let floats = geometry.inputHeight * geometry.inputWidth * channels
    return multiplier > 1 ? 1 : max(1, min(geometry.outputHeight, floats >> 16))
  }

  private var chunks: Int { min(16, geometry.batch * bands) }

  func forEachBand(
    rows: Int, pool: ThreadPool,
    _ body: (_ image: Int, _ first: Int, _ rows: Int, _ worker: Int) -> Void
  ) {
    let width = geometry.inputWidth * channels
    let length = multiplier > 1 ? rows : max(1, min(rows, (1 << 15) / width))
    let bands = length == 0 ? 0 : (rows + length - 1) / length
    pool.forEachTile(geometry.batch * bands) { tile, worker in
      let first = tile % bands * length
      body(tile / bands, first, min(length, rows - first), worker)
    }
  }

  func repeated(
    _ image: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard multiplier > 1 else { return image }
    ck.repeatChannels(image, geometry.inputImage, multiplier, scratch)
    return UnsafePointer(scratch)
  }

  private func flip(
    _ kernel: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>
  ) {
    for tap in 0..<geometry.taps {
      flipped.advanced(by: tap * channels).update(
        from: kernel + (geometry.taps - 1 - tap) * channels, count: channels)
    }
  }

  private func check(
    x: FloatBuffer, kernel: FloatBuffer, y: FloatBuffer, scratch: FloatBuffer, pool: ThreadPool
  ) {
    _ = x.pointer(geometry.inputCount, "the input")
    _ = kernel.pointer(kernelCount, "the kernel")
    _ = y.pointer(geometry.batch * outputImage, "the output")
    _ = scratch.pointer(scratchCount(threads: pool.threads), "scratch")
  }
}
