// SPDX-License-Identifier: Apache-2.0

import Kernels

/// An operation of the graph: a shape rule, parameters, a cost, and the two passes.
///
/// An op is a description without memory. `forward` and `backward` bind it to the buffers that the
/// plan chose and return what is run at every step; nothing is allocated after that.
public protocol Op: Sendable {
  /// The name in layer tables, e.g. `depthwise convolution`.
  var kind: String { get }

  /// Whether its output counts among the activations.
  var isConvolution: Bool { get }

  /// The names of ops whose work it does beside its own.
  var absorbed: [String] { get }

  /// What its readers may do in its stead, as they read; nil where it always runs by itself.
  var prologue: Prologue? { get }

  /// The size of the output for one image.
  ///
  /// - Throws: the rule that the inputs break.
  func outputShape(for inputs: [Shape]) throws(GraphError) -> Shape

  /// The tensors that the op owns, their paths relative to the op.
  func parameters(for inputs: [Shape]) -> [Parameter]

  /// Multiply-adds for one image: convolutions and dense layers count, nothing else does.
  func multiplyAdds(inputs: [Shape], output: Shape) -> Int

  /// What the passes need beyond inputs, output and parameters.
  func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands

  /// The forward pass, bound to memory: output = op(inputs).
  func forward(_ memory: OpMemory) -> OpAction

  /// The backward pass, bound to memory: writes or adds the gradient of every input that wants one
  /// and writes the gradients of the parameters.
  func backward(_ memory: OpMemory) -> OpAction
}

extension Op {
  public var isConvolution: Bool { false }
  public var absorbed: [String] { [] }
  public var prologue: Prologue? { nil }
  public func parameters(for inputs: [Shape]) -> [Parameter] { [] }
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { 0 }
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands()
  }
}

extension Op {
  /// The activation that it is, if it is one.
  var activation: Activation? {
    if case .activation(let activation) = prologue { activation } else { nil }
  }
}

/// A pass bound to its memory.
public typealias OpAction = (StepMoment) -> Void

/// What changes from one step to the next.
public struct StepMoment: Sendable {
  /// Training uses batch statistics and dropout; inference does not.
  public var isTraining: Bool
  public var seed: UInt64
  /// Steps done before this one.
  public var step: Int
}

/// An op that others can apply to what they read.
public enum Prologue: Sendable {
  case normalization
  case activation(Activation)
}

/// The memory that one op works on.
public struct OpMemory {
  public var name: String
  public var batch: Int
  public var inputShapes: [Shape]
  public var outputShape: Shape
  /// The inputs as the op is to see them.
  public var views: [InputView]
  /// Empty where it is not stored.
  public var output: FloatBuffer
  public var parameters: [FloatBuffer]
  public var saved: FloatBuffer
  public var scratch: FloatBuffer
  public var pool: ThreadPool
  /// Nil for inputs that no trainable parameter stands behind. An earlier reader of the same value
  /// may have written its share there.
  public var inputGradients: [GradientTarget?]
  /// The gradient of the output as the op is to see it.
  public var gradientView: GradientView
  /// Where the forward pass leaves its output's moments, if it is to.
  public var moments: FloatBuffer?
  /// What others gathered for a batch norm: of a forward pass the moments, of a backward pass the
  /// sums.
  public var gathered: (parts: FloatBuffer, tiles: Int)?
  /// In the order of the op's parameters; empty buffers for those that do not learn.
  public var parameterGradients: [FloatBuffer]

  /// The inputs as they lie in memory, for ops that see them no other way.
  public var inputs: [FloatBuffer] { views.map(\.values) }
  public var outputGradient: FloatBuffer { gradientView.values }
  /// Whether the output is to be written.
  var isStored: Bool { output.count > 0 }
  /// The first input's shape.
  var inputShape: Shape { inputShapes[0] }
  /// Pixels of the whole batch.
  var inputRows: Int { batch * inputShape.pixels }
  var outputRows: Int { batch * outputShape.pixels }
}
