// A forward pass by a kernel that was packed before: once, where it stays as it is.
extension ConvolutionKernel {
  /// Floats of a packed kernel with its bias.
  public var packedCount: Int { depthwise?.packedCount ?? forwardPass.packedCount }

  /// Floats of scratch for `forward` by a packed kernel.
  public func packedScratchCount(threads: Int) -> Int {
    depthwise?.packedScratchCount(threads: threads) ?? forwardPass.scratchCount(threads: threads)
  }

  /// Lays a kernel out as `forward` reads it, each output channel multiplied by its scale if there
  /// is one, and the bias, which is not.
  ///
  /// Shapes: kernel as for `forward`; scale and bias [outputChannels]; packed [packedCount].
  public func pack(
    _ kernel: FloatBuffer, scale: FloatBuffer? = nil, bias: FloatBuffer?, into packed: FloatBuffer,
    pool: ThreadPool
  ) {
    let source = kernel.pointer(kernelCount, "the kernel")
    let target = packed.pointer(packedCount, "the packed kernel")
    if let depthwise {
      rearrange(source, into: target, toTaps: true)
      depthwise.finishPacking(packed, scale: scale, bias: bias)
      return
    }
    forwardPass.pack(
      source, scale: scale?.pointer(outputChannels, "scale"),
      bias: bias?.pointer(outputChannels, "bias"), into: target, pool: pool)
  }

  /// Whether `forward` can add to its output what lies in memory.
  public var adds: Bool {
    if case .direct = forwardPass.method { depthwiseMultiplier == nil } else { false }
  }

  /// y = x convolved with a packed kernel, plus its bias and the addend, which only a kernel that
  /// `adds` takes, where `isRectified` nothing below zero; `moments`, of `momentTiles` tiles, those of
  /// y.
  ///
  /// Shapes: the addend as y.
  public func forward(
    x: InputView, packed: FloatBuffer, addend: FloatBuffer? = nil, isRectified: Bool = false,
    y: FloatBuffer, moments: FloatBuffer? = nil, scratch: FloatBuffer, pool: ThreadPool
  ) {
    precondition(addend == nil || adds, "this kernel adds nothing")
    if let depthwise {
      depthwise.forward(
        x: x, packed: packed, isRectified: isRectified, y: y, scratch: scratch, pool: pool)
      return
    }
    _ = x.values.pointer((x.depthwise?.geometry ?? geometry).inputCount, "the input")
    _ = y.pointer(geometry.batch * geometry.outputPixels * outputChannels, "the output")
    forwardPass.run(
      TileSource(x, channels: geometry.inputChannels),
      packed: packed.pointer(packedCount, "the packed kernel"), isRectified: isRectified,
      TileTarget(
        y, channels: outputChannels, addend: addend, moments: moments, tiles: momentTiles),
      scratch: scratch.pointer(packedScratchCount(threads: pool.threads), "scratch"), pool: pool)
  }
}
