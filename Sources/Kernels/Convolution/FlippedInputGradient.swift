// SPDX-License-Identifier: Apache-2.0

/// The gradient of the input at stride 1: the convolution of dy by the flipped kernel, by whichever
/// method takes it. In lanes both gradients are made from one reading of dy's windows.
struct FlippedInputGradient: InputGradientMethod {
  private let forward: ConvolutionProblem
  let reversed: any ConvolutionMethod

  init?(_ forward: any ConvolutionMethod) {
    guard let problem = forward.problem.reversed else { return nil }
    self.forward = forward.problem
    reversed = problem.method()
  }

  var takesViews: Bool { reversed.takesViews }
  var tileCount: Int { reversed.tileCount }
  var makesBoth: Bool { reversed is LanesMethod }

  /// The flipped kernel, the same packed, and what the method needs.
  private struct Scratch {
    let flipped, packed, method, count: Int

    init(_ gradient: FlippedInputGradient, threads: Int) {
      var layout = ScratchLayout()
      flipped = layout.reserve(gradient.forward.kernelCount)
      packed = layout.reserve(gradient.reversed.packedCount)
      method = layout.reserve(gradient.reversed.forwardScratchCount(threads: threads))
      count = layout.count
    }
  }

  func scratchCount(threads: Int) -> Int { Scratch(self, threads: threads).count }

  func inputGradient(
    _ dy: TileSource, kernel: UnsafePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    let layout = Scratch(self, threads: pool.threads)
    let (flipped, packed) = (scratch + layout.flipped, scratch + layout.packed)
    flip(kernel, into: flipped)
    reversed.pack(flipped, scale: nil, bias: nil, into: packed, pool: pool)
    reversed.forward(
      dy, packed: packed, isRectified: false, dx, scratch: scratch + layout.method, pool: pool)
  }

  func bothScratchCount(threads: Int) -> Int {
    guard let lanes = reversed as? LanesMethod else { return 0 }
    return aligned(forward.kernelCount) + lanes.bothScratchCount(threads: threads)
  }

  func gradients(
    _ x: TileSource, _ dy: TileSource, kernel: UnsafePointer<Float>,
    dKernel: UnsafeMutablePointer<Float>, _ dx: TileTarget,
    scratch: UnsafeMutablePointer<Float>, pool: ThreadPool
  ) {
    guard let lanes = reversed as? LanesMethod else {
      preconditionFailure("only lanes make both gradients")
    }
    flip(kernel, into: scratch)
    lanes.gradients(
      x, dy, flipped: scratch, dKernel: dKernel, dx,
      scratch: scratch + aligned(forward.kernelCount), pool: pool)
  }

  /// [kH, kW, in, out] of every segment → [kH, kW, out, in], window turned by half a turn.
  private func flip(
    _ kernel: UnsafePointer<Float>, into flipped: UnsafeMutablePointer<Float>
  ) {
    let taps = forward.geometry.taps
    if forward.isByTap {
      ck.flipKernel(kernel, taps, 1, forward.outputChannels, flipped)
      return
    }
    for part in forward.parts {
      ck.flipKernel(
        kernel + part.kernelStart, taps, part.inputCount, part.outputCount,
        flipped + part.kernelStart)
    }
  }
}
