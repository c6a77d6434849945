import CKernels

// A forward pass by a kernel that was packed before, with a bias and a ReLU.
extension DepthwiseKernel {
  /// Floats of a packed kernel with its bias.
  public var packedCount: Int { lanes?.packedCount ?? aligned(kernelCount) + aligned(channels) }

  /// Floats of scratch for `forward` by a packed kernel.
  public func packedScratchCount(threads: Int) -> Int {
    lanes?.packedScratchCount(threads: threads) ?? threads * repeatedCount
  }

  /// Lays a kernel out as `forward` reads it, each output channel multiplied by its scale if there
  /// is one, and the bias, which is not.
  ///
  /// Shapes: kernel as for `forward`; scale and bias [channels · multiplier]; packed [packedCount].
  public func pack(
    _ kernel: FloatBuffer, scale: FloatBuffer? = nil, bias: FloatBuffer?, into packed: FloatBuffer,
    pool: ThreadPool
  ) {
    if let lanes {
      lanes.pack(kernel, scale: scale, bias: bias, into: packed, pool: pool)
      return
    }
    let source = kernel.pointer(kernelCount, "the kernel")
    packed.pointer(packedCount, "the packed kernel").update(from: source, count: kernelCount)
    finishPacking(packed, scale: scale, bias: bias)
  }

  /// Multiplies the taps, which are in place, and puts the bias behind them.
  func finishPacking(_ packed: FloatBuffer, scale: FloatBuffer?, bias: FloatBuffer?) {
    if let scale = scale?.pointer(channels, "scale") {
      for tap in 0..<geometry.taps {
        let weights = packed.base + tap * channels
        for channel in 0..<channels { weights[channel] *= scale[channel] }
      }
    }
    let sums = packed.slice(aligned(kernelCount), channels)
    if let bias { sums.copy(from: bias) } else { sums.fill(0) }
  }

  public var adds: Bool { false }

  /// y = x convolved with a packed kernel, plus its bias, where `isRectified` nothing below zero;
  /// `moments`, of `momentTiles` tiles, those of y.
  public func forward(
    x: InputView, packed: FloatBuffer, addend: FloatBuffer? = nil, isRectified: Bool = false,
    y: FloatBuffer, moments: FloatBuffer? = nil, scratch: FloatBuffer, pool: ThreadPool
  ) {
    precondition(addend == nil, "a depthwise convolution adds nothing")
    if let lanes {
      lanes.forward(
        x: x, packed: packed, isRectified: isRectified, y: y, moments: moments, scratch: scratch,
        pool: pool)
      return
    }
    let input = x.values.pointer(geometry.inputCount, "the input")
    let output = y.pointer(geometry.batch * outputImage, "the output")
    let kernel = packed.pointer(packedCount, "the packed kernel")
    let images = scratch.pointer(packedScratchCount(threads: pool.threads), "scratch")
    forEachBand(rows: geometry.outputHeight, pool: pool) { image, first, rows, worker in
      let source = repeated(
        input + image * geometry.inputImage, scratch: images + worker * repeatedCount)
      var window = geometry.window(channels: channels)
      var epilogue = ck_epilogue(
        bias: kernel + aligned(kernelCount), addend: nil, isRectified: isRectified ? 1 : 0)
      ck.depthwiseRows(
        source, kernel, &window, first, rows, &epilogue, output + image * outputImage)
    }
  }
}
