// SPDX-License-Identifier: Apache-2.0

import Engine

/// `[x + value]`, where `value` is as large as the whole batch and begins at 0: its gradient is the
/// gradient of x, which an executor does not hand out for the images.
public struct Tap: InterpretedOp {
  public let kind = "tap"
  let batch: Int

  public init(batch: Int) {
    self.batch = batch
  }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape { inputs[0] }

  public func parameters(for inputs: [Shape]) -> [Parameter] {
    let shape = [batch, inputs[0].height, inputs[0].width, inputs[0].channels]
    return [Parameter(path: "value", shape: shape, role: .bias)]
  }

  public func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    zip(inputs[0], parameters[0]).map(+)
  }

  public func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    ([dy], [dy])
  }
}

/// `[H×W×C → 1×1×HWC]`: makes any output one that can be read as logits.
///
/// With `injected` numbers, the loss is ignored and they are the gradient of the op's input, so
/// that a gradient can be made of integers.
public struct Flatten: InterpretedOp {
  public let kind = "flatten"
  let injected: [Float]?

  public init(injected: [Float]? = nil) {
    self.injected = injected
  }

  public func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape {
    Shape(height: 1, width: 1, channels: inputs[0].count)
  }

  public func interpret<Scalar: ReferenceScalar>(
    _ inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> [Scalar] {
    inputs[0]
  }

  public func interpretGradient<Scalar: ReferenceScalar>(
    _ dy: [Scalar], inputs: [[Scalar]], parameters: [[Scalar]]
  ) -> (inputs: [[Scalar]], parameters: [[Scalar]]) {
    ([injected.map { $0.map { Scalar($0) } } ?? dy], [])
  }
}

/// What flows backward into an observed graph.
public enum OutputGradient: Sendable {
  /// The gradient of a step's loss.
  case ofTheLoss
  /// Small integers.
  case integers
  /// Normal numbers.
  case real

  public func numbers(_ count: Int) -> [Float]? {
    switch self {
    case .ofTheLoss: nil
    case .integers: IntegerData.values(count, salt: 99, bound: 2)
    case .real: RealData.normal(count, "output gradient")
    }
  }
}

/// A graph whose body stands between a tap and a flattened read-out: the gradient of the body's
/// input is the gradient of `tap/value`, its output the logits.
public func observedGraph(
  _ input: Shape, batch: Int = 2, gradient: OutputGradient = .ofTheLoss,
  _ body: (Value, inout GraphBuilder) -> Value
) throws(GraphError) -> Graph {
  var graph = GraphBuilder("observed", input: input)
  let tapped = graph.append(Tap(batch: batch), "tap", [graph.input])
  let output = body(tapped, &graph)
  let numbers = gradient.numbers(batch * graph.shape(of: output).count)
  let logits = graph.append(Flatten(injected: numbers), "flatten", [output])
  return try graph.finish(logits)
}
