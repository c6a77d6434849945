import CKernels

// Segments of one input channel each are a depthwise convolution, whose loops run over channels
// and need no planes; only the kernel lies in memory otherwise: [segment][kH, kW, 1, m] against
// [kH, kW, segment, m].
extension ConvolutionKernel {
  /// The multiplier of the depthwise convolution that the segments amount to, if they do.
  static func multiplier(_ geometry: WindowGeometry, _ segments: [ChannelSegment]) -> Int? {
    guard geometry.taps > 1 || geometry.stride > 1,
      let multiplier = segments.first?.outputCount,
      segments.count == geometry.inputChannels
    else { return nil }
    for (index, segment) in segments.enumerated() {
      guard segment.inputStart == index, segment.inputCount == 1,
        segment.outputCount == multiplier
      else { return nil }
    }
    return multiplier
  }

  /// Copies the kernel from segments in a row to taps in a row, or back.
  func rearrange(
    _ source: UnsafePointer<Float>, into target: UnsafeMutablePointer<Float>, toTaps: Bool
  ) {
    let (taps, multiplier) = (geometry.taps, outputChannels / segments.count)
    for segment in 0..<segments.count {
      for tap in 0..<taps {
        let bySegment = (segment * taps + tap) * multiplier
        let byTap = (tap * segments.count + segment) * multiplier
        let (from, to) = toTaps ? (bySegment, byTap) : (byTap, bySegment)
        target.advanced(by: to).update(from: source + from, count: multiplier)
      }
    }
  }

  func depthwiseInputGradient(
    _ depthwise: DepthwiseKernel, dy: FloatBuffer, kernel: FloatBuffer, dx: FloatBuffer,
    accumulate: Bool, scratch: FloatBuffer, pool: ThreadPool
  ) {
    let (taps, rest) = depthwiseScratch(scratch)
    rearrange(kernel.base, into: taps.base, toTaps: true)
    depthwise.inputGradient(
      dy: GradientView(dy), kernel: taps, dx: GradientTarget(dx, accumulate: accumulate),
      scratch: rest, pool: pool)
  }

  func depthwiseKernelGradient(
    _ depthwise: DepthwiseKernel, x: FloatBuffer, dy: FloatBuffer, dKernel: FloatBuffer,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    let (taps, rest) = depthwiseScratch(scratch)
    depthwise.kernelGradient(
      x: InputView(x), dy: GradientView(dy), dKernel: taps, scratch: rest, pool: pool)
    rearrange(taps.base, into: dKernel.base, toTaps: false)
  }

  private func depthwiseScratch(_ scratch: FloatBuffer) -> (taps: FloatBuffer, rest: FloatBuffer) {
    let start = aligned(kernelCount)
    return (scratch.slice(0, kernelCount), scratch.slice(start, scratch.count - start))
  }
}
