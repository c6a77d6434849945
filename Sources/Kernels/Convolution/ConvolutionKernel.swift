// SPDX-License-Identifier: Apache-2.0

/// Convolution over one or more channel segments: one segment that spans all channels is the ordinary
/// convolution, segments of one channel are the depthwise one.
///
/// Shapes: x [batch, H, W, inputChannels]; y [batch, outH, outW, outputChannels]; the kernel is
/// the concatenation over segments of [kH, kW, input, output], of a depthwise convolution
/// [kH, kW, C, multiplier]; bias [outputChannels].
/// x, y, kernel and scratch must not overlap. Nothing is allocated. Sums run in an order fixed by
/// the sizes, so any number of threads gives the same bits.
/// Cost: batch · outH · outW · kernelCount multiply-adds for each of the three passes.
public struct ConvolutionKernel: Sendable {
  let problem: ConvolutionProblem
  let method: any ConvolutionMethod
  let gradientMethod: any InputGradientMethod

  /// Where the window lies.
  public var geometry: WindowGeometry { problem.geometry }
  /// Channels of the output.
  public var outputChannels: Int { problem.outputChannels }
  /// Floats of the kernel, all segments together.
  public var kernelCount: Int { problem.kernelCount }

  /// A convolution; `segments` read all channels of the input, and their outputs are all there are.
  ///
  /// - Parameter depthwise: of a 1×1 convolution at stride 1, the depthwise convolution through which
  ///   it reads its input, as `canRead(through:)` allows; `geometry` is that of the convolution
  ///   itself.
  public init(
    geometry: WindowGeometry, segments: [ChannelSegment], behind depthwise: WindowGeometry? = nil
  ) {
    self.init(ConvolutionProblem(geometry: geometry, segments: segments, behind: depthwise))
  }

  /// A depthwise convolution: every input channel alone, `multiplier` outputs each; output channel
  /// c · multiplier + m reads input channel c.
  public init(depthwise geometry: WindowGeometry, multiplier: Int) {
    precondition(multiplier > 0, "the multiplier is at least 1")
    let segment = ChannelSegment(input: 1, output: multiplier)
    self.init(
      ConvolutionProblem(
        geometry: geometry, segments: Array(repeating: segment, count: geometry.inputChannels),
        isByTap: true))
  }

  init(_ problem: ConvolutionProblem) {
    precondition(
      problem.depthwise == nil || problem.isPointwise, "only 1×1 reads through a depthwise")
    self.problem = problem
    method = problem.method()
    gradientMethod = ConvolutionProblem.inputGradientMethod(method)
  }

  /// Whether a 1×1 convolution at stride 1 can make this depthwise convolution as it reads.
  public static func canRead(through depthwise: WindowGeometry) -> Bool {
    FusedDepthwise.takes(depthwise)
  }

  /// Whether the forward pass of a 1×1 convolution by a packed kernel is faster when it makes this
  /// depthwise convolution.
  public static func gains(by depthwise: WindowGeometry) -> Bool {
    FusedDepthwise.takes(depthwise) && FusedDepthwise(depthwise).isLong
  }

  /// Whether the passes may read and write through views.
  public var takesViews: Bool {
    method.takesViews && gradientMethod.takesViews && geometry.outputPixels > 0
  }

  /// Whether `forward` by a packed kernel can add to its output what lies in memory.
  public var adds: Bool { method.adds }

  /// Whether `forward` by a packed kernel can apply an activation to its output.
  public func canApply(_ activation: Activation) -> Bool {
    activation == .relu || method.takesViews
  }

  /// Tiles for which `forward` leaves moments.
  public var momentTiles: Int { method.tileCount }
  /// Tiles for which `inputGradient` leaves sums.
  public var sumTiles: Int { gradientMethod.tileCount }

  /// Floats of a packed kernel with its bias.
  public var packedCount: Int { method.packedCount }

  /// Floats of scratch for `forward` by a packed kernel.
  public func packedScratchCount(threads: Int) -> Int {
    method.forwardScratchCount(threads: threads)
  }

  /// Floats of scratch that are enough for any of the three passes.
  public func scratchCount(threads: Int) -> Int {
    max(
      aligned(packedCount) + packedScratchCount(threads: threads),
      gradientMethod.scratchCount(threads: threads),
      method.kernelGradientScratchCount(threads: threads),
      gradientMethod.bothScratchCount(threads: threads))
  }

  // MARK: Outputs

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

  /// Lays a kernel out as `forward` reads it, each output channel multiplied by its scale if there
  /// is one, and the bias, which is not: once, where it stays as it is.
  ///
  /// Shapes: kernel as for `forward`; scale and bias [outputChannels]; packed [packedCount].
  public func pack(
    _ kernel: FloatBuffer, scale: FloatBuffer? = nil, bias: FloatBuffer?, into packed: FloatBuffer,
    pool: ThreadPool
  ) {
    method.pack(
      kernel.pointer(kernelCount, "the kernel"), scale: scale?.pointer(outputChannels, "scale"),
      bias: bias?.pointer(outputChannels, "bias"),
      into: packed.pointer(packedCount, "the packed kernel"), pool: pool)
  }

  /// y = x convolved with a packed kernel, plus its bias and the addend, which only a kernel that
  /// `adds` takes, and an activation of that which it `canApply`; `moments`, of `momentTiles` tiles,
  /// those of y.
  ///
  /// Shapes: the addend as y.
  public func forward(
    x: InputView, packed: FloatBuffer, addend: FloatBuffer? = nil,
    activation: Activation? = nil, y: FloatBuffer, moments: FloatBuffer? = nil,
    scratch: FloatBuffer, pool: ThreadPool
  ) {
    precondition(addend == nil || adds, "this kernel adds nothing")
    precondition(activation.map(canApply) ?? true, "this kernel applies no activation but the ReLU")
    _ = x.values.pointer((x.depthwise?.geometry ?? geometry).inputCount, "the input")
    _ = y.pointer(problem.pixels * outputChannels, "the output")
    method.forward(
      TileSource(x, channels: geometry.inputChannels),
      packed: packed.pointer(packedCount, "the packed kernel"), isRectified: activation == .relu,
      TileTarget(
        y, channels: outputChannels, addend: addend, activation: activation, moments: moments,
        tiles: momentTiles),
      scratch: scratch.pointer(packedScratchCount(threads: pool.threads), "scratch"), pool: pool)
  }

  // MARK: Gradients

  /// dx = or += the gradient of the input.
  public func inputGradient(
    dy: GradientView, kernel: FloatBuffer, dx: GradientTarget, scratch: FloatBuffer,
    pool: ThreadPool
  ) {
    check(InputView(dx.values), kernel: kernel, y: dy.values, scratch: scratch, pool: pool)
    gradientMethod.inputGradient(
      TileSource(dy, channels: outputChannels), kernel: kernel.base, target(dx),
      scratch: scratch.base, pool: pool)
  }

  /// dKernel = the gradient of the kernel.
  public func kernelGradient(
    x: InputView, dy: GradientView, dKernel: FloatBuffer, scratch: FloatBuffer, pool: ThreadPool
  ) {
    check(x, kernel: dKernel, y: dy.values, scratch: scratch, pool: pool)
    method.kernelGradient(
      TileSource(x, channels: geometry.inputChannels), TileSource(dy, channels: outputChannels),
      dKernel: dKernel.base, scratch: scratch.base, pool: pool)
  }

  /// Both gradients; those of a 1×1 convolution at stride 1 and of narrow segments are made in one
  /// pass over memory.
  public func gradients(
    x: InputView, dy: GradientView, kernel: FloatBuffer, dKernel: FloatBuffer,
    dx: GradientTarget, scratch: FloatBuffer, pool: ThreadPool
  ) {
    guard gradientMethod.makesBoth else {
      kernelGradient(x: x, dy: dy, dKernel: dKernel, scratch: scratch, pool: pool)
      inputGradient(dy: dy, kernel: kernel, dx: dx, scratch: scratch, pool: pool)
      return
    }
    check(x, kernel: kernel, y: dy.values, scratch: scratch, pool: pool)
    _ = dKernel.pointer(kernelCount, "the kernel's gradient")
    _ = dx.values.pointer(geometry.inputCount, "the input's gradient")
    gradientMethod.gradients(
      TileSource(x, channels: geometry.inputChannels), TileSource(dy, channels: outputChannels),
      kernel: kernel.base, dKernel: dKernel.base, target(dx), scratch: scratch.base, pool: pool)
  }

  private func target(_ dx: GradientTarget) -> TileTarget {
    TileTarget(dx, channels: geometry.inputChannels, tiles: sumTiles)
  }

  private func check(
    _ x: InputView, kernel: FloatBuffer, y: FloatBuffer, scratch: FloatBuffer, pool: ThreadPool
  ) {
    _ = x.values.pointer((x.depthwise?.geometry ?? geometry).inputCount, "the input")
    _ = kernel.pointer(kernelCount, "the kernel")
    _ = y.pointer(problem.pixels * outputChannels, "the output")
    _ = scratch.pointer(scratchCount(threads: pool.threads), "scratch")
  }
}
