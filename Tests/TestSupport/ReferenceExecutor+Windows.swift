// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// An op that moves a window over the plane.
protocol WindowOp: Op {
  var kernel: Extent { get }
  var stride: Int { get }
  var padding: WindowGeometry.Padding { get }
}

extension Convolution: WindowOp {}
extension DepthwiseConvolution: WindowOp {}
extension MaxPool: WindowOp {}
extension AveragePool: WindowOp {}

extension ReferenceExecutor {
  /// The output of an op with a window, and a max-pool's winners.
  func forward(
    _ op: any WindowOp, _ node: Graph.Node, _ x: [Scalar]
  ) -> (y: [Scalar], saved: [Scalar]) {
    let geometry = geometry(op, of: node)
    let own = parameters[node.parameters].map { $0 }
    switch op {
    case let op as Convolution:
      let y = Reference.convolution(
        x, kernel: own[0], bias: own.count > 1 ? own[1] : nil, geometry: geometry,
        outputChannels: node.output.channels, segments: op.segments)
      return (y, [])
    case let op as DepthwiseConvolution:
      let y = Reference.depthwise(
        x, kernel: own[0], geometry: geometry, multiplier: op.multiplier)
      return (y, [])
    case is MaxPool:
      let (y, winners) = Reference.maxPooling(x, geometry: geometry)
      return (y, winners)
    case is AveragePool:
      return (Reference.averagePooling(x, geometry: geometry), [])
    default: preconditionFailure("no twin of \(op.kind)")
    }
  }

  /// The gradients of an op with a window.
  func backward(
    _ op: any WindowOp, _ node: Graph.Node, _ x: [Scalar], saved: [Scalar], dy: [Scalar]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    let geometry = geometry(op, of: node)
    let own = parameters[node.parameters].map { $0 }
    switch op {
    case let op as Convolution:
      let gradients = Reference.convolutionGradients(
        x: x, kernel: own[0], dy: dy, geometry: geometry, outputChannels: node.output.channels,
        segments: op.segments)
      let bias = Reference.biasGradient(dy: dy, outputChannels: node.output.channels)
      return ([gradients.dx], own.count > 1 ? [gradients.dKernel, bias] : [gradients.dKernel])
    case let op as DepthwiseConvolution:
      let gradients = Reference.depthwiseGradients(
        x: x, kernel: own[0], dy: dy, geometry: geometry, multiplier: op.multiplier)
      return ([gradients.dx], [gradients.dKernel])
    case is MaxPool:
      return (
        [Reference.maxPoolingGradient(dy: dy, winners: saved, geometry: geometry)], []
      )
    case is AveragePool:
      return ([Reference.averagePoolingGradient(dy: dy, geometry: geometry)], [])
    default: preconditionFailure("no twin of \(op.kind)")
    }
  }

  private func geometry(_ op: any WindowOp, of node: Graph.Node) -> WindowGeometry {
    let input = graph.inputShapes(of: node)[0]
    return WindowGeometry(
      batch: batch, inputHeight: input.height, inputWidth: input.width,
      inputChannels: input.channels, kernelHeight: op.kernel.height,
      kernelWidth: op.kernel.width, stride: op.stride, padding: op.padding)
  }
}
