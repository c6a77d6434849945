// SPDX-License-Identifier: Apache-2.0

import CKernels

/// One direction of a convolution: what is read, what is written, and how the kernel lies in memory.
///
/// The forward pass is one; at stride 1 the gradient of the input is another, by the flipped kernel.
struct ConvolutionProblem: Sendable {
  /// A segment and where its channels and its kernel begin.
  struct Part: Sendable {
    let inputStart, inputCount: Int
    let outputStart, outputCount: Int
    let kernelStart: Int

    /// Numbers of the kernel at one tap.
    var products: Int { inputCount * outputCount }
  }

  let geometry: WindowGeometry
  let segments: [ChannelSegment]
  let outputChannels: Int
  let parts: [Part]
  let kernelCount: Int
  /// Whether the kernel lies tap by tap, as a depthwise one does, instead of segment by segment.
  let isByTap: Bool
  /// The depthwise convolution through which a 1×1 convolution at stride 1 reads its input.
  let depthwise: WindowGeometry?
  /// Whether the outputs are the gradient of an input, to which others may have written.
  let isReversed: Bool
  /// What the pieces follow on which no result depends.
  let blocking: Blocking

  init(
    geometry: WindowGeometry, segments: [ChannelSegment], isByTap: Bool = false,
    isReversed: Bool = false, behind depthwise: WindowGeometry? = nil,
    blocking: Blocking = .current
  ) {
    self.blocking = blocking
    self.isReversed = isReversed
    self.geometry = geometry
    self.segments = segments
    self.isByTap = isByTap
    self.depthwise = depthwise
    var (input, output, kernel) = (0, 0, 0)
    parts = segments.map { segment in
      precondition(segment.input > 0 && segment.output > 0, "empty segment")
      defer {
        input += segment.input
        output += segment.output
        kernel += geometry.taps * segment.products
      }
      return Part(
        inputStart: input, inputCount: segment.input, outputStart: output,
        outputCount: segment.output, kernelStart: kernel)
    }
    precondition(
      input == geometry.inputChannels,
      "segments read \(input) channels of \(geometry.inputChannels)")
    (outputChannels, kernelCount) = (output, kernel)
  }

  /// The input's gradient, where it is a convolution of windows too.
  var reversed: ConvolutionProblem? {
    guard geometry.stride == 1 && geometry.taps > 1 else { return nil }
    return ConvolutionProblem(
      geometry: WindowGeometry(reversing: geometry, channels: outputChannels),
      segments: segments.map { ChannelSegment(input: $0.output, output: $0.input) },
      isByTap: isByTap, isReversed: true, blocking: blocking)
  }

  /// Output pixels of the whole batch.
  var pixels: Int { geometry.batch * geometry.outputPixels }

  var isPointwise: Bool { geometry.taps == 1 && geometry.stride == 1 }

  /// The width of equal segments, as wide in as out.
  var equalWidth: Int? {
    guard let first = equalSegment, first.input == first.output else { return nil }
    return first.input
  }

  /// Outputs of each input channel, where every channel is a segment and all have as many.
  var depthwiseMultiplier: Int? {
    guard let first = equalSegment, first.input == 1 else { return nil }
    return first.output
  }

  /// What all segments are, if they are equal.
  private var equalSegment: ChannelSegment? {
    segments.allSatisfy { $0 == segments[0] } ? segments.first : nil
  }
}

// MARK: Sums over pixels

extension ConvolutionProblem {
  /// Parts of the batch whose kernel gradients are summed apart and added in order: fixed by the size,
  /// two from 192 pixels on, more while the partial kernels stay small, and a power of two, which most
  /// numbers of threads share out evenly.
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
    min(parts.reduce(0) { $0 + $1.products } / 2048, 256)
  }

  /// Floats of the chunks' kernel gradients, where one is not enough.
  var partialCount: Int { chunks == 1 ? 0 : chunks * aligned(kernelCount) }

  /// Calls `body` with where each chunk's kernel gradient goes, the first of them and how far they lie
  /// apart, and adds them in order to dKernel. `partial` holds `partialCount` floats.
  func sumChunks(
    into dKernel: UnsafeMutablePointer<Float>, partial: UnsafeMutablePointer<Float>,
    pool: ThreadPool, _ body: (_ first: UnsafeMutablePointer<Float>, _ stride: Int) -> Void
  ) {
    let chunks = self.chunks
    guard chunks > 1 else {
      body(dKernel, 0)
      return
    }
    let stride = aligned(kernelCount)
    body(partial, stride)
    pool.forEachRange(kernelCount, length: blocking.sixteenths(1)) { start, count in
      ck.sumParts(partial + start, chunks, stride, dKernel + start, count)
    }
  }
}
