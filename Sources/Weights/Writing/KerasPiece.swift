// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// One piece of a graph, as the one or more layers that Keras builds for it.
struct KerasPiece {
  typealias Built = (layer: KerasLayerEntry, shape: [Int])

  private let graph: Graph
  private let nodes: [Graph.Node]
  private let kind: KerasLayer.Kind?
  private let name: String
  private let isOutput: Bool

  init(_ graph: Graph, nodes: [Int], kind: KerasLayer.Kind?, name: String, isOutput: Bool) {
    self.graph = graph
    self.nodes = nodes.map { graph.nodes[$0] }
    self.kind = kind
    self.name = name
    self.isOutput = isOutput
  }

  /// In the order in which they run, each with the shape of what it gives.
  ///
  /// - Throws: where Keras has no such layer.
  func layers(reading inputs: [KerasTensor]) throws(WeightError) -> [Built] {
    let node = nodes[0]
    for case let op as ActivationOp in nodes.map(\.op)
    where KerasActivation.name(of: op.activation) == nil {
      throw refusal("Keras has no activation that is \(op.activation.rawValue)")
    }
    let output = nodes[nodes.count - 1].output
    let isFlat = inputs.first.map { $0.shape.count == 1 } ?? false
    let shape =
      isFlat ? [output.channels] : [output.height, output.width, output.channels]
    func one(_ type: String, _ options: [String: JSON] = [:]) -> [Built] {
      [(KerasLayerEntry(type: type, name: name, options: options), shape)]
    }
    switch node.op {
    case let op as Convolution: return try convolution(op, shape)
    case let op as DepthwiseConvolution: return try depthwise(op, shape)
    case is Dense: return dense(inputs, isFlat)
    case let op as BatchNormalization:
      return one(
        "BatchNormalization",
        [
          "axis": -1, "momentum": number(op.runningDecay), "epsilon": number(op.epsilon),
          "center": true, "scale": .bool(op.hasScale),
        ])
    case let op as ActivationOp:
      return one(
        "Activation", ["activation": .string(KerasActivation.name(of: op.activation) ?? "")])
    case let op as MaxPool:
      return try pool("MaxPooling2D", op.kernel, op.stride, op.padding, shape)
    case let op as AveragePool:
      return try pool("AveragePooling2D", op.kernel, op.stride, op.padding, shape)
    case is GlobalAveragePool:
      let layer = KerasLayerEntry(
        type: "GlobalAveragePooling2D", name: name,
        options: ["data_format": "channels_last", "keepdims": false])
      return [(layer, [output.channels])]
    case is Addition: return one("Add")
    case is Concatenation: return one("Concatenate", ["axis": -1])
    case let op as Dropout: return one("Dropout", ["rate": number(op.rate)])
    default:
      guard node.inputs.isEmpty else { throw refusal("Keras has no layer for a \(node.op.kind)") }
      return one("InputLayer", ["batch_shape": KerasTensor(layer: name, shape: shape).batchShape])
    }
  }

  private func refusal(_ rule: String) -> WeightError {
    WeightError(file: graph.name, object: nodes[0].name, rule: rule)
  }

  /// The shortest text that gives the same Float again: 0.001, not 0.0010000000474974513.
  private func number(_ value: Float) -> JSON { .number(Double("\(value)") ?? Double(value)) }

  private func pair(_ extent: Extent) -> JSON { [.integer(extent.height), .integer(extent.width)] }

  /// What a dense or convolution layer does behind its sums.
  private var activation: JSON {
    if isOutput { return "softmax" }
    let last = nodes[nodes.count - 1].op as? ActivationOp
    return .string((last?.activation).flatMap(KerasActivation.name) ?? "linear")
  }
}

// MARK: Layers with windows

extension KerasPiece {
  private func convolution(_ op: Convolution, _ shape: [Int]) throws(WeightError) -> [Built] {
    var options = window(op.kernel, "kernel_size", op.stride)
    options["filters"] = .integer(shape[shape.count - 1])
    options["groups"] = .integer(op.segments.count)
    options["dilation_rate"] = [1, 1]
    options["activation"] = activation
    options["use_bias"] = .bool(nodes[0].parameters.count == 2)
    return try padded("Conv2D", options, op.kernel, op.padding, shape)
  }

  /// Alone, or with the 1×1 convolution that alone reads it.
  private func depthwise(
    _ op: DepthwiseConvolution, _ shape: [Int]
  ) throws(WeightError) -> [Built] {
    var options = window(op.kernel, "kernel_size", op.stride)
    options["depth_multiplier"] = .integer(op.multiplier)
    options["dilation_rate"] = [1, 1]
    options["activation"] = activation
    let hasBias = nodes.contains { $0.op is Convolution && $0.parameters.count == 2 }
    options["use_bias"] = .bool(hasBias)
    guard kind == .separableConv2D else {
      return try padded("DepthwiseConv2D", options, op.kernel, op.padding, shape)
    }
    options["filters"] = .integer(shape[shape.count - 1])
    return try padded("SeparableConv2D", options, op.kernel, op.padding, shape)
  }

  private func pool(
    _ type: String, _ kernel: Extent, _ stride: Int, _ padding: Padding, _ shape: [Int]
  ) throws(WeightError) -> [Built] {
    try padded(type, window(kernel, "pool_size", stride), kernel, padding, shape)
  }

  private func window(_ kernel: Extent, _ size: String, _ stride: Int) -> [String: JSON] {
    [
      size: pair(kernel), "strides": [.integer(stride), .integer(stride)],
      "data_format": "channels_last",
    ]
  }

  /// Keras knows `same` and `valid`; half a window on every side is a layer of zeros before.
  private func padded(
    _ type: String, _ options: [String: JSON], _ kernel: Extent, _ padding: Padding,
    _ shape: [Int]
  ) throws(WeightError) -> [Built] {
    var options = options
    options["padding"] = padding == .same ? "same" : "valid"
    let layer = KerasLayerEntry(type: type, name: name, options: options)
    guard padding == .symmetric else { return [(layer, shape)] }
    try checkZeros()
    let (rows, columns) = (kernel.height / 2, kernel.width / 2)
    let input = graph.shape(of: nodes[0].inputs[0])
    let zeros = KerasLayerEntry(
      type: "ZeroPadding2D", name: "\(name)_pad",
      options: [
        "padding": [[.integer(rows), .integer(rows)], [.integer(columns), .integer(columns)]],
        "data_format": "channels_last",
      ])
    return [
      (zeros, [input.height + 2 * rows, input.width + 2 * columns, input.channels]), (layer, shape),
    ]
  }

  /// Our pools leave padding out; zeros around change the largest number only where all are negative.
  private func checkZeros() throws(WeightError) {
    let source = graph.nodes[nodes[0].inputs[0].index].op as? ActivationOp
    guard
      nodes[0].op is Convolution || nodes[0].op is DepthwiseConvolution
        || (nodes[0].op is MaxPool && source?.activation == .relu)
    else {
      throw refusal(
        "Keras has no \(nodes[0].op.kind) that leaves half a window around out of its windows")
    }
  }

  /// With the layer that takes the plane apart, where there is one.
  private func dense(_ inputs: [KerasTensor], _ isFlat: Bool) -> [Built] {
    let units = nodes[0].output.channels
    let layer = KerasLayerEntry(
      type: "Dense", name: name,
      options: ["units": .integer(units), "activation": activation, "use_bias": true])
    guard !isFlat else { return [(layer, [units])] }
    let flat = KerasLayerEntry(type: "Flatten", name: "\(name)_flatten", options: [:])
    return [(flat, [inputs[0].shape.reduce(1, *)]), (layer, [units])]
  }
}
