// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// Convolutions: ONNX keeps kernels as [out, in / groups, kH, kW], and knows equal groups alone.
extension ONNXGraph {
  mutating func append(
    _ op: Convolution, _ node: Graph.Node, _ input: String, _ output: String
  ) {
    guard Set(op.segments).count > 1 else {
      let segment = op.segments[0]
      let kernels = kernels(op)
      let shape = [
        op.segments.count * segment.output, segment.input, op.kernel.height, op.kernel.width,
      ]
      let (position, parameter) = parameter(node, 0)
      let kernel = add(parameter.path, shape, .kernels(parameter: position, kernels))
      var attributes = window(node, op.kernel, op.stride, op.padding)
      attributes["group"] = .integer(op.segments.count)
      add("Conv", node.name, [input, kernel] + bias(node), output, attributes)
      return
    }
    appendUnequal(op, node, input, output)
  }

  /// Every segment by itself: its channels cut out, its own convolution, all of them put together.
  private mutating func appendUnequal(
    _ op: Convolution, _ node: Graph.Node, _ input: String, _ output: String
  ) {
    let (position, parameter) = parameter(node, 0)
    let attributes = window(node, op.kernel, op.stride, op.padding)
    let isBiased = node.parameters.count > 1
    var parts: [String] = []
    var channel = 0
    for (number, (segment, kernel)) in zip(op.segments, kernels(op)).enumerated() {
      let name = "\(node.name)/segment\(number + 1)"
      append(slice: channel..<channel + segment.input, "\(name)/slice", input, "\(name)/slice")
      channel += segment.input
      let shape = [segment.output, segment.input, op.kernel.height, op.kernel.width]
      let values = add(
        "\(parameter.path)/\(number + 1)", shape, .kernels(parameter: position, [kernel]))
      add("Conv", name, ["\(name)/slice", values], name, attributes)
      parts.append(name)
    }
    let sum = isBiased ? "\(node.name)/concatenated" : output
    add("Concat", "\(node.name)/concatenated", parts, sum, ["axis": .integer(1)])
    guard isBiased else { return }
    let (place, own) = self.parameter(node, 1)
    let bias = add(own.path, [node.output.channels, 1, 1], .parameter(place))
    add("Add", node.name, [sum, bias], output)
  }

  /// Output channel c·multiplier + m reads channel c: [kH, kW, C, multiplier] is a kernel of one input.
  mutating func append(
    _ op: DepthwiseConvolution, _ node: Graph.Node, _ input: String, _ output: String
  ) {
    let (position, parameter) = parameter(node, 0)
    let filters = node.output.channels
    let kernel = add(
      parameter.path, [filters, 1, op.kernel.height, op.kernel.width],
      .kernels(
        parameter: position, [ONNXKernel(area: op.kernel.count, input: 1, output: filters)]))
    var attributes = window(node, op.kernel, op.stride, op.padding)
    attributes["group"] = .integer(inputShape(node).channels)
    add("Conv", node.name, [input, kernel], output, attributes)
  }

  /// One a segment, one after another.
  private func kernels(_ op: Convolution) -> [ONNXKernel] {
    var start = 0
    return op.segments.map { segment in
      let kernel = ONNXKernel(
        start: start, area: op.kernel.count, input: segment.input, output: segment.output)
      start += kernel.count
      return kernel
    }
  }

  private mutating func bias(_ node: Graph.Node) -> [String] {
    guard node.parameters.count > 1 else { return [] }
    let (position, parameter) = parameter(node, 1)
    return [add(parameter.path, parameter.shape, .parameter(position))]
  }

  /// The attributes of everything with a window; the padding is said in pixels, before and behind.
  func window(
    _ node: Graph.Node, _ kernel: Extent, _ stride: Int, _ padding: Padding
  ) -> [String: Attribute] {
    let input = inputShape(node)
    let geometry = WindowGeometry(
      batch: 1, inputHeight: input.height, inputWidth: input.width,
      inputChannels: input.channels, kernelHeight: kernel.height, kernelWidth: kernel.width,
      stride: stride, padding: padding)
    func behind(_ input: Int, _ output: Int, _ kernel: Int, _ before: Int) -> Int {
      max(0, (output - 1) * stride + kernel - input - before)
    }
    let bottom = behind(input.height, geometry.outputHeight, kernel.height, geometry.padTop)
    let right = behind(input.width, geometry.outputWidth, kernel.width, geometry.padLeft)
    return [
      "kernel_shape": .integers([kernel.height, kernel.width]),
      "strides": .integers([stride, stride]),
      "pads": .integers([geometry.padTop, geometry.padLeft, bottom, right]),
    ]
  }
}
