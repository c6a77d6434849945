// SPDX-License-Identifier: Apache-2.0

import Engine

/// Which nodes an op is; one case an op.
extension ONNXGraph {
  /// Appends an op's nodes.
  ///
  /// - Parameter output: what its value is called.
  mutating func append(_ node: Graph.Node, _ output: String) throws(GraphError) -> Operand {
    let read = reads(node)
    let names = read.map(\.name)
    let result = Operand(name: output, isFlat: read.first?.isFlat ?? false)
    switch node.op {
    case let op as Convolution: append(op, node, names[0], output)
    case let op as DepthwiseConvolution: append(op, node, names[0], output)
    case is Dense:
      append(dense: node, read[0], output)
      return Operand(name: output, isFlat: true)
    case let op as BatchNormalization: append(op, node, names[0], output)
    case let op as ActivationOp: try append(op.activation, node.name, names[0], output)
    case let op as MaxPool:
      add("MaxPool", node.name, names, output, window(node, op.kernel, op.stride, op.padding))
    case let op as AveragePool:
      var attributes = window(node, op.kernel, op.stride, op.padding)
      attributes["count_include_pad"] = .integer(0)
      add("AveragePool", node.name, names, output, attributes)
    case is GlobalAveragePool: add("GlobalAveragePool", node.name, names, output)
    case is Addition: add("Add", node.name, names, output)
    case is Concatenation: add("Concat", node.name, names, output, ["axis": .integer(1)])
    case let op as Slice: append(slice: op.channels, node.name, names[0], output)
    // Inference leaves it alone.
    case is Dropout: return read[0]
    default:
      guard node.inputs.isEmpty else {
        throw GraphError(op: node.name, rule: "ONNX has no node for a \(node.op.kind)")
      }
      add(
        "Transpose", node.name, [Self.images], output, ["perm": .integers([0, 3, 1, 2])])
    }
    return result
  }

  /// The numbers of an activation's formula where ONNX has no node for it at this version.
  private mutating func append(
    _ activation: Activation, _ name: String, _ input: String, _ output: String
  ) throws(GraphError) {
    let nodes: [Activation: String] = [.relu: "Relu", .elu: "Elu", .hardSwish: "HardSwish"]
    if let node = nodes[activation] {
      add(node, name, [input], output, activation == .elu ? ["alpha": .number(1)] : [:])
    } else if activation == .silu {
      add("Sigmoid", "\(name)/sigmoid", [input], "\(name)/sigmoid")
      add("Mul", name, [input, "\(name)/sigmoid"], output)
    } else if activation == .gelu {
      // x · (1 + erf(x / √2)) / 2
      let scale = add("\(name)/scale", [], .floats([Float(0.5).squareRoot()]))
      let one = add("\(name)/one", [], .floats([1]))
      let half = add("\(name)/half", [], .floats([0.5]))
      add("Mul", "\(name)/scaled", [input, scale], "\(name)/scaled")
      add("Erf", "\(name)/erf", ["\(name)/scaled"], "\(name)/erf")
      add("Add", "\(name)/raised", ["\(name)/erf", one], "\(name)/raised")
      add("Mul", "\(name)/product", [input, "\(name)/raised"], "\(name)/product")
      add("Mul", name, ["\(name)/product", half], output)
    } else {
      throw GraphError(op: name, rule: "ONNX has no nodes here for \(activation.rawValue)")
    }
  }

  private mutating func append(
    _ op: BatchNormalization, _ node: Graph.Node, _ input: String, _ output: String
  ) {
    let channels = node.output.channels
    var inputs = [input]
    if !op.hasScale {
      inputs.append(
        add(
          "\(node.name)/scale", [channels], .floats(Array(repeating: 1, count: channels))))
    }
    for number in 0..<node.parameters.count {
      let (position, parameter) = parameter(node, number)
      inputs.append(add(parameter.path, parameter.shape, .parameter(position)))
    }
    add("BatchNormalization", node.name, inputs, output, ["epsilon": .number(op.epsilon)])
  }

  /// A feature map is taken apart in our order, row by row with its channels together.
  private mutating func append(dense node: Graph.Node, _ input: Operand, _ output: String) {
    var flat = input.name
    if !input.isFlat {
      if inputShape(node).pixels > 1 {
        add(
          "Transpose", "\(node.name)/transpose", [flat], "\(node.name)/transpose",
          ["perm": .integers([0, 2, 3, 1])])
        flat = "\(node.name)/transpose"
      }
      add(
        "Flatten", "\(node.name)/flatten", [flat], "\(node.name)/flatten", ["axis": .integer(1)])
      flat = "\(node.name)/flatten"
    }
    var inputs = [flat]
    for number in 0..<node.parameters.count {
      let (position, parameter) = parameter(node, number)
      inputs.append(add(parameter.path, parameter.shape, .parameter(position)))
    }
    add("Gemm", node.name, inputs, output)
  }

  /// - Parameter name: of the new nodes and constants.
  mutating func append(
    slice channels: Range<Int>, _ name: String, _ input: String, _ output: String
  ) {
    let start = add("\(name)/start", [1], .integers([channels.lowerBound]))
    let end = add("\(name)/end", [1], .integers([channels.upperBound]))
    let axis = add("\(name)/axis", [1], .integers([1]))
    add("Slice", name, [input, start, end, axis], output)
  }
}
