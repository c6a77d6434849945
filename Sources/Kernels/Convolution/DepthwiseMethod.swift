// SPDX-License-Identifier: Apache-2.0

import CKernels

/// Convolution of segments one channel wide that lanes do not fit: loops over channels.
///
/// With a multiplier m the input is repeated m times per channel, image by image, in scratch; what is
/// left is the case of multiplier 1.
struct DepthwiseMethod: ConvolutionMethod {
  let problem: ConvolutionProblem
  let multiplier: Int

  init?(_ problem: ConvolutionProblem) {
    // A 1×1 window at stride 1 of segments is nothing but a scale, which the direct method makes; and
    // the input's gradient has loops of its own.
    guard problem.isByTap || !problem.isPointwise, !problem.isReversed,
      let multiplier = problem.depthwiseMultiplier
    else { return nil }
    self.problem = problem
    self.multiplier = multiplier
  }

  var takesViews: Bool { false }
  var tileCount: Int { 0 }

  // MARK: Kernels

  /// The taps and, behind them, the bias.
  var packedCount: Int { aligned(problem.kernelCount) + aligned(outputChannels) }

  func pack(
    _ kernel: UnsafePointer<Float>, scale: UnsafePointer<Float>?, bias: UnsafePointer<Float>?,
    into packed: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    copy(kernel, into: packed, toTaps: true)
    if let scale {
      for tap in 0..<geometry.taps {
        let weights = packed + tap * outputChannels
        for channel in 0..<outputChannels { weights[channel] *= scale[channel] }
      }
    }
    PackedKernel.put(bias, outputChannels, into: packed + aligned(problem.kernelCount))
  }

  /// Copies a kernel as it lies in memory, [segment][kH, kW, 1, m] or [kH, kW, segment, m], to taps in
  /// a row, or back.
  func copy(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, toTaps: Bool
  ) {
    guard !problem.isByTap else {
      target.update(from: source, count: problem.kernelCount)
      return
    }
    let (taps, segments) = (geometry.taps, problem.parts.count)
    for segment in 0..<segments {
      for tap in 0..<taps {
        let bySegment = (segment * taps + tap) * multiplier
        let byTap = (tap * segments + segment) * multiplier
        let (from, to) = toTaps ? (bySegment, byTap) : (byTap, bySegment)
        target.advanced(by: to).update(from: source + from, count: multiplier)
      }
    }
  }

  // MARK: Outputs

  func forwardScratchCount(threads: Int) -> Int { threads * repeatedCount }

  func forward(
    _ x: TileSource, packed: UnsafePointer<Float>, isRectified: Bool, _ y: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(x.isPlain && y.isPlain, "depthwise loops see no views")
    forEachBand(rows: geometry.outputHeight, pool: pool) { image, first, rows, worker in
      let source = repeated(
        x.values + image * geometry.inputImage, scratch: scratch + worker * repeatedCount)
      var window = geometry.window(channels: outputChannels)
      var epilogue = ck_epilogue(
        bias: packed + aligned(problem.kernelCount), addend: nil, isRectified: isRectified ? 1 : 0)
      ck.depthwiseRows(
        source, packed, &window, first, rows, &epilogue, y.values + image * outputImage)
    }
  }

  // MARK: The kernel's gradient

  /// Each chunk's sums, their total and each thread's repeated image.
  private struct GradientScratch {
    let sums: ScratchLayout.Pieces
    let total: Int
    let images: ScratchLayout.Pieces
    let count: Int

    init(_ method: DepthwiseMethod, threads: Int) {
      var layout = ScratchLayout()
      sums = layout.reserve(method.problem.kernelCount, for: max(1, method.chunks))
      total = layout.reserve(method.problem.isByTap ? 0 : method.problem.kernelCount)
      images = layout.reserve(method.repeatedCount, for: threads)
      count = layout.count
    }
  }

  func kernelGradientScratchCount(threads: Int) -> Int {
    GradientScratch(self, threads: threads).count
  }

  func kernelGradient(
    _ x: TileSource, _ dy: TileSource, dKernel: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(x.isPlain && dy.isPlain, "depthwise loops see no views")
    let (chunks, bands) = (self.chunks, self.bands)
    guard chunks > 0 else {
      dKernel.update(repeating: 0, count: problem.kernelCount)
      return
    }
    let layout = GradientScratch(self, threads: pool.threads)
    let total = geometry.batch * bands
    let bandRows = (geometry.outputHeight + bands - 1) / bands
    pool.forEachTile(chunks) { chunk, worker in
      let sums = scratch + layout.sums[chunk]
      sums.update(repeating: 0, count: problem.kernelCount)
      for unit in chunk * total / chunks..<(chunk + 1) * total / chunks {
        let (image, first) = (unit / bands, unit % bands * bandRows)
        let source = repeated(
          x.values + image * geometry.inputImage, scratch: scratch + layout.images[worker])
        var window = geometry.window(channels: outputChannels)
        ck.depthwiseKernelGradient(
          source, dy.values + image * outputImage, &window, first,
          max(0, min(bandRows, geometry.outputHeight - first)), sums)
      }
    }
    let sum = problem.isByTap ? dKernel : scratch + layout.total
    ck.sumParts(
      scratch + layout.sums.start, chunks, layout.sums.stride, sum, problem.kernelCount)
    if !problem.isByTap { copy(sum, into: dKernel, toTaps: false) }
  }

  // MARK: Bands and images

  var outputImage: Int { geometry.outputPixels * outputChannels }

  /// Floats of an image whose channels are repeated.
  var repeatedCount: Int {
    multiplier == 1 ? 0 : aligned(geometry.inputHeight * geometry.inputWidth * outputChannels)
  }

  /// Bands of rows in which one image's kernel gradient is taken, for the cache.
  private var bands: Int {
    let floats = geometry.inputHeight * geometry.inputWidth * outputChannels
    return multiplier > 1
      ? 1 : max(1, min(geometry.outputHeight, floats / Blocking.fixed.sixteenths(4)))
  }

  private var chunks: Int { min(16, geometry.batch * bands) }

  func forEachBand(
    rows: Int, pool: ThreadPool,
    _ body: (_ image: Int, _ first: Int, _ rows: Int, _ worker: Int) -> Void
  ) {
    let width = geometry.inputWidth * outputChannels
    let length = multiplier > 1 ? rows : max(1, min(rows, problem.blocking.sixteenths(2) / width))
    let bands = length == 0 ? 0 : (rows + length - 1) / length
    pool.forEachTile(geometry.batch * bands) { tile, worker in
      let first = tile % bands * length
      body(tile / bands, first, min(length, rows - first), worker)
    }
  }

  private func repeated(
    _ image: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    guard multiplier > 1 else { return image }
    ck.repeatChannels(image, geometry.inputImage, multiplier, scratch)
    return UnsafePointer(scratch)
  }
}
