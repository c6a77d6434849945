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
  public func parameters(for inputs: [Shape]) -> [Parameter] { [] }
  public func multiplyAdds(inputs: [Shape], output: Shape) -> Int { 0 }
  public func demands(inputs: [Shape], output: Shape, batch: Int, threads: Int) -> OpDemands {
    OpDemands()
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

/// What an op asks of the plan.
public struct OpDemands: Sendable {
  /// Whether the backward pass reads the inputs again.
  public var readsInputsInBackward = false
  /// Whether the backward pass reads the output again.
  public var readsOutputInBackward = false
  /// Floats that the forward pass leaves for the backward pass.
  public var savedCount = 0
  /// Floats of working memory for either pass.
  public var scratchCount = 0
  /// Whether the output may take the first input's place in memory, and the first input's gradient
  /// the output gradient's.
  public var worksInPlace = false
  /// How the inputs may be seen.
  public var views = ViewSupport.none
  /// Whether the gradient of the output may be seen through a batch norm that reads the output.
  public var takesGradientViews = false
  /// Tiles for which the forward pass gathers the output's moments; 0 where it cannot.
  public var momentTiles = 0
  /// Whether the backward pass can mask all that was written of an input's gradient.
  public var masksSums = false
  /// Whether the backward pass masks what it writes without reading the input again.
  public var masksWithoutInput = false
  /// Tiles for which the backward pass gathers the sums of the first input's gradient.
  public var sumTiles = 0

  public init(
    readsInputsInBackward: Bool = false, readsOutputInBackward: Bool = false,
    savedCount: Int = 0, scratchCount: Int = 0, worksInPlace: Bool = false,
    views: ViewSupport = .none
  ) {
    self.views = views
    self.readsInputsInBackward = readsInputsInBackward
    self.readsOutputInBackward = readsOutputInBackward
    self.savedCount = savedCount
    self.scratchCount = scratchCount
    self.worksInPlace = worksInPlace
  }
}

extension OpDemands {
  /// What convolutions whose passes read and write through views can do for the ops around them.
  mutating func useViews(momentTiles: Int, sumTiles: Int) {
    views = .rectified
    takesGradientViews = true
    self.momentTiles = momentTiles
    masksSums = true
    self.sumTiles = sumTiles
  }
}

/// How much of a batch norm is left to do, and what others gathered for it.
public struct NormalizationRole {
  /// Its readers apply it.
  public var isAbsorbed = false
  /// The op before it makes its own gradient.
  public var producerMakesGradient = false
  public var moments: (parts: FloatBuffer, tiles: Int)?
  public var sums: (parts: FloatBuffer, tiles: Int)?
}

/// The memory that one op works on.
public struct OpMemory {
  public var name: String
  public var batch: Int
  public var inputShapes: [Shape]
  public var outputShape: Shape
  /// What the views of the inputs show.
  public var inputs: [FloatBuffer]
  public var views: [InputView]
  public var output: FloatBuffer
  public var parameters: [FloatBuffer]
  public var saved: FloatBuffer
  public var scratch: FloatBuffer
  public var pool: ThreadPool
  /// Nil for inputs that no trainable parameter stands behind. An earlier reader of the same value
  /// may have written its share there.
  public var inputGradients: [GradientTarget?]
  public var outputGradient: FloatBuffer
  /// The same as the op is to see it.
  public var gradientView: GradientView
  /// Where the forward pass leaves its output's moments, if it is to.
  public var moments: FloatBuffer?
  /// Of a batch norm.
  public var normalization = NormalizationRole()
  /// In the order of the op's parameters; empty buffers for those that do not learn.
  public var parameterGradients: [FloatBuffer]

  /// The first input's shape.
  var inputShape: Shape { inputShapes[0] }
  /// Pixels of the whole batch.
  var inputRows: Int { batch * inputShape.pixels }
  var outputRows: Int { batch * outputShape.pixels }
}
