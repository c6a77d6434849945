// SPDX-License-Identifier: Apache-2.0

import Kernels

/// `[depthwise k×k]`: every channel has its own `multiplier` kernels; output channel
/// `c·multiplier + m` reads input channel `c` alone.
///
/// Parameters: `kernel [kH, kW, C, multiplier]`.
/// Cost: kH·kW·C·multiplier multiply-adds a pixel.
/// Source: the paper, section 1.2 and Fig. 4.
public struct DepthwiseConvolution: WindowedOp {
  public let multiplier: Int
  let window: Window

  public let kind = "depthwise convolution"
  public let isConvolution = true
  public var kernel: Extent { window.kernel }
  public var stride: Int { window.stride }
  public var padding: Padding { window.padding }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    guard multiplier >= 1 else {
      throw GraphError(rule: "the depth multiplier is \(multiplier); it must be at least 1")
    }
    return try window.output(for: inputs[0], channels: inputs[0].channels * multiplier)
  }

  /// Differs from Keras: the fans are those of one output channel, kH·kW·1 in and kH·kW·multiplier
  /// out, as they are for a segment one channel wide, so that both ends of the spectrum begin alike.
  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let area = window.kernel.count
    let channels = inputs[0].channels
    let fan = Parameter.Fan(
      count: area * channels * multiplier, incoming: area, outgoing: area * multiplier)
    return [
      Parameter(
        path: "kernel", shape: [kernel.height, kernel.width, channels, multiplier],
        role: .depthwiseKernel, fans: [fan])
    ]
  }

  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int {
    output.count * window.kernel.count
  }

  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    let kernels = depthwise(batch: batch, input: inputs[0])
    var demands = OpDemands(
      backwardReads: .inputs, scratchCount: kernels.scratchCount(threads: threads))
    guard kernels.takesViews else { return demands }
    demands.useViews(momentTiles: kernels.momentTiles, sumTiles: kernels.sumTiles)
    return demands
  }

  public func forward(_ memory: OpMemory) -> OpAction {
    let kernels = depthwise(batch: memory.batch, input: memory.inputShape)
    return { _ in
      kernels.forward(
        x: memory.views[0], kernel: memory.parameters[0], bias: nil, y: memory.output,
        moments: memory.moments, scratch: memory.scratch, pool: memory.pool)
    }
  }

  public func backward(_ memory: OpMemory) -> OpAction {
    let kernels = depthwise(batch: memory.batch, input: memory.inputShape)
    return { _ in kernels.gradients(memory) }
  }

  func depthwise(batch: Int, input: Shape) -> ConvolutionKernel {
    ConvolutionKernel(
      depthwise: geometry(batch: batch, input: input), multiplier: multiplier)
  }

  func geometry(batch: Int, input: Shape) -> WindowGeometry {
    window.geometry(batch: batch, input: input)
  }
}

extension GraphBuilder {
  /// `[depthwise k×k]`.
  public mutating func depthwiseConv2D(
    _ x: Value, _ name: String, kernel: Extent, stride: Int = 1, multiplier: Int = 1,
    padding: Padding = .same
  ) -> Value {
    let window = Window(kernel: kernel, stride: stride, padding: padding)
    return append(DepthwiseConvolution(multiplier: multiplier, window: window), name, [x])
  }
}
