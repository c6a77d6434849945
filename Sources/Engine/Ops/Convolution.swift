// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[k×k conv over one or more channel segments]`: every segment of the input channels alone feeds
/// one segment of the filters; a single segment is the ordinary convolution.
///
/// Parameters: `kernel`, `[kH, kW, inC, outC]` for one segment, `[S, kH, kW, inC/S, outC/S]` for S
/// equal ones, and the segments' `[kH, kW, in, out]` one after another, as one flat tensor, where
/// they are unequal; `bias [outC]`.
/// Cost: kH·kW·Σ in·out multiply-adds a pixel.
/// Source: the paper, section 1.2 and Fig. 3 (segments).
public struct Convolution: WindowedOp {
  public typealias Segment = ChannelSegment
  /// How many input channels and filters each segment has, in order.
  public let segments: [Segment]
  let window: Window
  public let hasBias: Bool

  public var kernel: Extent { window.kernel }
  public var stride: Int { window.stride }
  public var padding: Padding { window.padding }

  public let isConvolution = true
  public var kind: String {
    switch segments.count {
    case 1: "convolution"
    case let count: "convolution, \(count) segments"
    }
  }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    for segment in segments where min(segment.input, segment.output) < 1 {
      throw GraphError(
        rule: "a segment is \(segment.input) → \(segment.output); no width may be below 1")
    }
    let covered = segments.reduce(0) { $0 + $1.input }
    guard covered == inputs[0].channels else {
      throw GraphError(
        rule: "the segments cover \(covered) channels; the input has \(inputs[0].channels)")
    }
    return try window.output(for: inputs[0], channels: segments.reduce(0) { $0 + $1.output })
  }

  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let area = window.kernel.count
    let fans = segments.map { segment in
      Parameter.Fan(
        count: area * segment.input * segment.output,
        incoming: area * segment.input, outgoing: area * segment.output)
    }
    let kernel = Parameter(path: "kernel", shape: kernelShape, role: .kernel, fans: fans)
    guard hasBias else { return [kernel] }
    let filters = segments.reduce(0) { $0 + $1.output }
    return [kernel, Parameter(path: "bias", shape: [filters], role: .bias)]
  }

  private var kernelShape: [Int] {
    let window = [window.kernel.height, window.kernel.width]
    guard let first = segments.first else { return [] }
    if segments.count == 1 { return window + [first.input, first.output] }
    if Set(segments).count == 1 { return [segments.count] + window + [first.input, first.output] }
    return [segments.reduce(0) { $0 + self.window.kernel.count * $1.input * $1.output }]
  }

  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.pixels * window.kernel.count * segments.reduce(0) { $0 + $1.input * $1.output }
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    demands(inputs: inputs, output: output, batch: batch, threads: threads, behind: nil)
  }

  /// - Parameter depthwise: the depthwise convolution that it makes as it reads, if it does.
  func demands(
    inputs: [Shape], output: Shape, batch: Int, threads: Int, behind depthwise: WindowGeometry?
  ) -> OpDemands {
    let kernels = convolution(batch: batch, input: inputs[0], behind: depthwise)
    let rows = batch * output.pixels
    var demands = OpDemands(
      backwardReads: .inputs,
      scratchCount: max(
        kernels.scratchCount(threads: threads),
        ElementwiseKernel.columnSumsScratchCount(rows: rows, channels: output.channels)))
    guard kernels.takesViews else { return demands }
    demands.useViews(momentTiles: kernels.momentTiles, sumTiles: kernels.sumTiles)
    return demands
  }

  /// Whether it can make a depthwise convolution of `input` as it reads.
  func canRead(through depthwise: DepthwiseConvolution, of input: Shape) -> Bool {
    window.kernel.count == 1 && window.stride == 1 && depthwise.multiplier == 1
      && ConvolutionKernel.canRead(through: depthwise.geometry(batch: 1, input: input))
  }

  /// Whether its forward pass gains by making a depthwise convolution of `input` itself.
  func gains(by depthwise: DepthwiseConvolution, of input: Shape, batch: Int) -> Bool {
    canRead(through: depthwise, of: input)
      && ConvolutionKernel.gains(by: depthwise.geometry(batch: batch, input: input))
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let kernels = convolution(memory)
    let bias = hasBias ? memory.parameters[1] : nil
    return { _ in
      kernels.forward(
        x: memory.views[0], kernel: memory.parameters[0], bias: bias, y: memory.output,
        moments: memory.moments, scratch: memory.scratch, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let kernels = convolution(memory)
    return { _ in
      kernels.gradients(memory)
      if hasBias { biasGradient(memory) }
    }
  }

  /// Zero before a batch norm, which takes any offset away with the mean; its plain sum is rounding.
  private func biasGradient(_ memory: OpMemory) {
    let sums = memory.parameterGradients[1]
    guard memory.gradientView.normalization == nil else {
      sums.fill(0)
      return
    }
    ElementwiseKernel.columnSums(
      x: memory.outputGradient, rows: memory.outputRows, channels: memory.outputShape.channels,
      sums: sums, scratch: memory.scratch, pool: memory.pool)
  }

  private func convolution(_ memory: OpMemory) -> ConvolutionKernel {
    convolution(
      batch: memory.batch, input: memory.inputShape, behind: memory.views[0].depthwise?.geometry)
  }

  func convolution(
    batch: Int, input: Shape, behind depthwise: WindowGeometry? = nil
  ) -> ConvolutionKernel {
    ConvolutionKernel(
      geometry: window.geometry(batch: batch, input: input), segments: segments, behind: depthwise)
  }
}

extension ConvolutionKernel {
  /// The gradients of an op's kernel and, where somebody reads it, of its input.
  func gradients(_ memory: OpMemory) {
    guard let dx = memory.inputGradients[0] else {
      kernelGradient(
        x: memory.views[0], dy: memory.gradientView, dKernel: memory.parameterGradients[0],
        scratch: memory.scratch, pool: memory.pool)
      return
    }
    gradients(
      x: memory.views[0], dy: memory.gradientView, kernel: memory.parameters[0],
      dKernel: memory.parameterGradients[0], dx: dx, scratch: memory.scratch, pool: memory.pool)
  }
}

extension GraphBuilder {
  /// `[k×k conv]`, all input channels feeding every filter.
  public mutating func conv2D(
    _ x: Value, _ name: String, filters: Int, kernel: Extent, stride: Int = 1,
    padding: Padding = .same, bias: Bool = false
  ) -> Value {
    let whole = Convolution.Segment(input: shape(of: x).channels, output: filters)
    return segmentedConv2D(
      x, name, segments: [whole], kernel: kernel, stride: stride, padding: padding, bias: bias)
  }

  /// `[k×k conv over segments]`, consecutive and not overlapping.
  public mutating func segmentedConv2D(
    _ x: Value, _ name: String, segments: [Convolution.Segment], kernel: Extent, stride: Int = 1,
    padding: Padding = .same, bias: Bool = false
  ) -> Value {
    let window = Window(kernel: kernel, stride: stride, padding: padding)
    return append(Convolution(segments: segments, window: window, hasBias: bias), name, [x])
  }
}
