// SPDX-License-Identifier: Apache-2.0

import CKernels

/// The gradient of a depthwise convolution's input, by loops over channels: at stride 1 a convolution
/// of dy by the taps in reverse.
struct DepthwiseInputGradient: InputGradientMethod {
  private let forward: DepthwiseMethod

  init?(_ forward: any ConvolutionMethod) {
    guard let forward = forward as? DepthwiseMethod else { return nil }
    self.forward = forward
  }

  var takesViews: Bool { false }
  var tileCount: Int { 0 }

  /// The taps in a row, the same in reverse, and each thread's image with repeated channels.
  private struct Scratch {
    let taps, flipped: Int
    let images: ScratchLayout.Pieces
    let count: Int

    init(_ method: DepthwiseMethod, threads: Int) {
      let kernelCount = method.problem.kernelCount
      var layout = ScratchLayout()
      taps = layout.reserve(method.problem.isByTap ? 0 : kernelCount)
      flipped = layout.reserve(method.geometry.stride == 1 ? kernelCount : 0)
      images = layout.reserve(method.repeatedCount, for: threads)
      count = layout.count
    }
  }

  func scratchCount(threads: Int) -> Int { Scratch(forward, threads: threads).count }

  func inputGradient(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    precondition(dy.isPlain && !dx.needsTile, "depthwise loops see no views")
    let (geometry, multiplier) = (forward.geometry, forward.multiplier)
    let layout = Scratch(forward, threads: pool.threads)
    var taps = kernel
    if !forward.problem.isByTap {
      forward.copy(kernel, into: scratch + layout.taps, toTaps: true)
      taps = UnsafePointer(scratch + layout.taps)
    }
    let flipped = scratch + layout.flipped
    if geometry.stride == 1 { flip(taps, into: flipped) }
    let weights = geometry.stride == 1 ? UnsafePointer(flipped) : taps
    forward.forEachBand(rows: geometry.inputHeight, pool: pool) { image, first, rows, worker in
      let target = dx.values + image * geometry.inputImage
      let repeated = multiplier == 1 ? target : scratch + layout.images[worker]
      band(
        dy.values + image * forward.outputImage, weights, dx: repeated, rows: first..<first + rows,
        accumulate: dx.accumulate && multiplier == 1)
      if multiplier > 1 {
        ck.sumRepeats(
          repeated, geometry.inputImage, multiplier, target, dx.accumulate ? 1 : 0)
      }
    }
  }

  private func band(
    _ dy: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, dx: UnsafeMutablePointer<Float>,
    rows: Range<Int>, accumulate: Bool
  ) {
    let (geometry, channels) = (forward.geometry, forward.outputChannels)
    if geometry.stride == 1 {
      var window = WindowGeometry(reversing: geometry, channels: channels)
        .window(channels: channels)
      var epilogue = ck_epilogue(bias: nil, addend: accumulate ? dx : nil, isRectified: 0)
      ck.depthwiseRows(dy, weights, &window, rows.lowerBound, rows.count, &epilogue, dx)
    } else {
      var window = geometry.window(channels: channels)
      ck.depthwiseInputGradient(
        dy, weights, &window, rows.lowerBound, rows.count, accumulate ? 1 : 0, dx)
    }
  }

  private func flip(
    _ taps: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>
  ) {
    let (count, channels) = (forward.geometry.taps, forward.outputChannels)
    for tap in 0..<count {
      flipped.advanced(by: tap * channels).update(
        from: taps + (count - 1 - tap) * channels, count: channels)
    }
  }
}
