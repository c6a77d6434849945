// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernels

/// Runs a graph with the naive twins, every value in an array of its own: no plan, no sharing, no
/// threads. What the fast executor must agree with.
public struct ReferenceExecutor<Scalar: ReferenceScalar> {
  public let graph: Graph
  public let batch: Int
  /// In the order of the graph's; batch norm's running statistics move in training.
  public var parameters: [[Scalar]]
  public var loss: Loss
  /// Whether batch norm uses the batch's statistics and dropout drops, and gradients are made.
  public var isTraining: Bool
  /// Of dropout's streams.
  public var seed: UInt64

  /// All numbers of one step.
  public struct Trace {
    /// By node.
    public var outputs: [[Scalar]] = []
    /// What the forward pass leaves for the backward pass, by node.
    var saved: [[Scalar]] = []
    /// By image.
    public var losses: [Scalar] = []
    /// Of the mean loss, by node; empty in inference.
    public var gradients: [[Scalar]] = []
    /// Of the mean loss, by parameter; empty in inference and for those that do not learn.
    public var parameterGradients: [[Scalar]] = []
  }

  public init(
    _ graph: Graph, batch: Int, parameters: [[Scalar]],
    loss: Loss = .softmaxCrossEntropy(labelSmoothing: 0), isTraining: Bool = true,
    seed: UInt64 = 0
  ) {
    precondition(parameters.map(\.count) == graph.parameters.map(\.count))
    self.graph = graph
    self.batch = batch
    self.parameters = parameters
    self.loss = loss
    self.isTraining = isTraining
    self.seed = seed
  }

  /// One step: forward, loss and, in training, backward.
  public mutating func run(images: [Scalar], targets: [Scalar], step: Int = 0) -> Trace {
    var trace = Trace()
    for (position, node) in graph.nodes.enumerated() {
      let inputs = node.inputs.map { trace.outputs[$0.index] }
      let result = position == 0 ? (images, []) : forward(node, inputs, step: step)
      precondition(result.0.count == batch * node.output.count, "\(node.name): \(result.0.count)")
      trace.outputs.append(result.0)
      trace.saved.append(result.1)
    }
    let logits = trace.outputs[graph.output.index]
    trace.losses = losses(logits, targets)
    if isTraining { backward(&trace, from: lossGradient(logits, targets)) }
    return trace
  }

  /// The mean loss of one step.
  public mutating func meanLoss(images: [Scalar], targets: [Scalar], step: Int = 0) -> Scalar {
    let losses = run(images: images, targets: targets, step: step).losses
    return losses.reduce(0, +) / Scalar(losses.count)
  }

  private func backward(_ trace: inout Trace, from lossGradient: [Scalar]) {
    trace.gradients = trace.outputs.map { $0.map { _ in 0 } }
    trace.parameterGradients = parameters.map { _ in [] }
    trace.gradients[graph.output.index] = lossGradient
    for (position, node) in graph.nodes.enumerated().reversed() where position > 0 {
      let result = backward(
        node, node.inputs.map { trace.outputs[$0.index] }, output: trace.outputs[position],
        saved: trace.saved[position], dy: trace.gradients[position])
      precondition(result.inputs.count == node.inputs.count)
      for (input, gradient) in zip(node.inputs, result.inputs) {
        precondition(gradient.count == trace.gradients[input.index].count, node.name)
        for index in gradient.indices { trace.gradients[input.index][index] += gradient[index] }
      }
      for (parameter, gradient) in zip(node.parameters, result.parameters) {
        precondition(gradient.isEmpty || gradient.count == parameters[parameter].count, node.name)
        trace.parameterGradients[parameter] = gradient
      }
    }
  }

  // MARK: The loss

  private func losses(_ logits: [Scalar], _ targets: [Scalar]) -> [Scalar] {
    let classes = graph.outputShape.channels
    switch loss {
    case .softmaxCrossEntropy(let labelSmoothing):
      return Reference.softmaxCrossEntropy(
        logits: logits, targets: targets, classes: classes, labelSmoothing: Scalar(labelSmoothing))
    case .sigmoidCrossEntropy:
      return Reference.sigmoidCrossEntropy(logits: logits, targets: targets, classes: classes)
    }
  }

  private func lossGradient(_ logits: [Scalar], _ targets: [Scalar]) -> [Scalar] {
    let classes = graph.outputShape.channels
    let scale = 1 / Scalar(batch)
    switch loss {
    case .softmaxCrossEntropy(let labelSmoothing):
      return Reference.softmaxCrossEntropyGradient(
        logits: logits, targets: targets, classes: classes,
        labelSmoothing: Scalar(labelSmoothing), scale: scale)
    case .sigmoidCrossEntropy:
      return Reference.sigmoidCrossEntropyGradient(
        logits: logits, targets: targets, classes: classes, scale: scale)
    }
  }
}
