// SPDX-License-Identifier: Apache-2.0

import Engine
import RandomStreams

extension ReferenceExecutor {
  /// The output of a node and what its backward pass will want.
  mutating func forward(
    _ node: Graph.Node, _ inputs: [[Scalar]], step: Int
  ) -> (y: [Scalar], saved: [Scalar]) {
    let own = parameters[node.parameters].map { $0 }
    let x = inputs[0]
    let shape = graph.inputShapes(of: node)[0]
    switch node.op {
    case let op as any WindowOp: return forward(op, node, x)
    case let op as BatchNormalization:
      return (batchNormalization(op, x, node.parameters), [])
    case let op as ActivationOp: return (x.map { Reference.value(op.activation, $0) }, [])
    case is Addition: return (zip(x, inputs[1]).map(+), [])
    case is Concatenation: return (concatenated(inputs, graph.inputShapes(of: node)), [])
    case let op as Slice: return (sliced(x, channels: shape.channels, op.channels), [])
    case is GlobalAveragePool:
      let mean = Reference.globalAverage(
        x, batch: batch, pixels: shape.pixels, channels: shape.channels)
      return (mean, [])
    case let op as Dense:
      let product = Reference.dense(x, own[0], rows: batch, inner: shape.count, columns: op.units)
      return (product.indices.map { product[$0] + own[1][$0 % op.units] }, [])
    case let op as Dropout:
      let mask = dropoutMask(op, name: node.name, count: x.count, step: step)
      return (zip(x, mask).map(*), mask)
    case let op as any InterpretedOp: return (op.interpret(inputs, parameters: own), [])
    default: preconditionFailure("no twin of \(node.op.kind)")
    }
  }

  /// The gradients of a node's inputs and parameters.
  func backward(
    _ node: Graph.Node, _ inputs: [[Scalar]], output: [Scalar], saved: [Scalar], dy: [Scalar]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    let own = parameters[node.parameters].map { $0 }
    let x = inputs[0]
    let shape = graph.inputShapes(of: node)[0]
    switch node.op {
    case let op as any WindowOp: return backward(op, node, x, saved: saved, dy: dy)
    case let op as BatchNormalization:
      let ones = [Scalar](repeating: 1, count: shape.channels)
      let gradients = Reference.batchNormalizationGradients(
        x: x, gamma: op.hasScale ? own[0] : ones, dy: dy, epsilon: Scalar(op.epsilon))
      let scale = op.hasScale ? [gradients.dGamma] : []
      return ([gradients.dx], scale + [gradients.dBeta, [], []])
    case let op as ActivationOp:
      return ([zip(x, dy).map { $1 * Reference.derivative(op.activation, $0) }], [])
    case is Addition: return ([dy, dy], [])
    case is Concatenation: return (split(dy, graph.inputShapes(of: node)), [])
    case let op as Slice: return ([spread(dy, channels: shape.channels, op.channels)], [])
    case is GlobalAveragePool:
      let dx = Reference.globalAverageGradient(
        dy: dy, batch: batch, pixels: shape.pixels, channels: shape.channels)
      return ([dx], [])
    case let op as Dense:
      let gradients = Reference.denseGradients(
        x, own[0], dc: dy, rows: batch, inner: shape.count, columns: op.units)
      return (
        [gradients.da], [gradients.db, Reference.biasGradient(dy: dy, outputChannels: op.units)]
      )
    case is Dropout: return ([zip(dy, saved).map(*)], [])
    case let op as any InterpretedOp:
      return op.interpretGradient(dy, inputs: inputs, parameters: own)
    default: preconditionFailure("no twin of \(node.op.kind)")
    }
  }
}

// MARK: What has no twin of its own

extension ReferenceExecutor {
  private mutating func batchNormalization(
    _ op: BatchNormalization, _ x: [Scalar], _ own: Range<Int>
  ) -> [Scalar] {
    let offset = parameters[own.upperBound - 3]
    let scale =
      op.hasScale ? parameters[own.lowerBound] : [Scalar](repeating: 1, count: offset.count)
    let (mean, variance) = (own.upperBound - 2, own.upperBound - 1)
    guard isTraining, !op.isFrozen else {
      let factor = zip(scale, parameters[variance]).map {
        $0 / ($1 + Scalar(op.epsilon)).squareRoot()
      }
      let shift = offset.indices.map { offset[$0] - parameters[mean][$0] * factor[$0] }
      return Reference.scaleAndShift(x, scale: factor, shift: shift)
    }
    let moments = Reference.moments(x, channels: scale.count)
    Reference.average(
      weights: moments.mean, into: &parameters[mean], decay: Scalar(op.runningDecay))
    Reference.average(
      weights: moments.variance, into: &parameters[variance], decay: Scalar(op.runningDecay))
    return Reference.batchNormalization(
      x, gamma: scale, beta: offset, epsilon: Scalar(op.epsilon))
  }

  private func dropoutMask(_ op: Dropout, name: String, count: Int, step: Int) -> [Scalar] {
    guard isTraining else { return Array(repeating: 1, count: count) }
    var stream = RandomStream(seed: seed, "dropout/\(name)", step)
    return (0..<count).map { _ in stream.uniform() < op.rate ? 0 : 1 / (1 - Scalar(op.rate)) }
  }

  private func concatenated(_ values: [[Scalar]], _ shapes: [Shape]) -> [Scalar] {
    (0..<batch * shapes[0].pixels).flatMap { row in
      zip(values, shapes).flatMap { value, shape in
        value[row * shape.channels..<(row + 1) * shape.channels]
      }
    }
  }

  private func split(_ dy: [Scalar], _ shapes: [Shape]) -> [[Scalar]] {
    let channels = shapes.reduce(0) { $0 + $1.channels }
    var start = 0
    return shapes.map { shape in
      defer { start += shape.channels }
      return sliced(dy, channels: channels, start..<start + shape.channels)
    }
  }

  private func sliced(_ x: [Scalar], channels: Int, _ taken: Range<Int>) -> [Scalar] {
    x.indices.filter { taken.contains($0 % channels) }.map { x[$0] }
  }

  private func spread(_ dy: [Scalar], channels: Int, _ taken: Range<Int>) -> [Scalar] {
    (0..<dy.count / taken.count * channels).map { index in
      let channel = index % channels
      guard taken.contains(channel) else { return 0 }
      return dy[index / channels * taken.count + channel - taken.lowerBound]
    }
  }
}
