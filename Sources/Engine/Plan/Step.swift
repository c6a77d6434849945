// SPDX-License-Identifier: Apache-2.0

extension Plan {
  /// One pass of one op: what it reads and writes, and what it does on the way for the ops around it.
  ///
  /// A plain step sees its inputs as they lie in memory and writes its result. Rules move the work of
  /// its neighbours into its prologue, what happens to numbers as they are read, and its epilogue,
  /// what happens to them before they leave the cache.
  public struct Step: Sendable {
    public enum Pass: String, Sendable {
      case forward
      case loss
      case backward
    }

    public let pass: Pass
    /// The op's position in the graph; for the loss, that of the logits.
    public let node: Int
    /// Prologue: how the op sees each of its inputs.
    public internal(set) var inputs: [View]
    /// Prologue of a backward pass: how it sees the gradient of its output.
    public internal(set) var gradient: GradientSource?
    /// What it writes, each with its epilogue: of a forward pass the output; of a backward pass the
    /// gradient of each input. Nil where nobody reads it from memory.
    public internal(set) var targets: [Target?]
    /// Of a batch norm: the node whose step gathers its moments, or its sums, for it.
    public internal(set) var gatherer: Int?
    /// All that it reads, as often as it does.
    public internal(set) var reads: [Operand] = []
    public internal(set) var writes: [Operand] = []
  }

  /// A value as a step sees it: the output of `source`, through a batch norm, an activation and a
  /// depthwise convolution, in this order, whichever there are. All are nodes.
  public struct View: Hashable, Sendable {
    /// The node whose output lies in memory.
    public var source: Int
    public var normalization: Int?
    public var activation: Int?
    public var depthwise: Int?

    var absorbed: [Int] { [normalization, activation, depthwise].compactMap { $0 } }
    /// What has to be there for it to be seen.
    var operands: [Operand] { [.output(source)] + (normalization.map { [.saved($0)] } ?? []) }
  }

  /// The gradient of an output as a step sees it.
  public struct GradientSource: Hashable, Sendable {
    /// The node of whose output it is the gradient.
    public var node: Int
    /// The batch norm through which it is seen: `node` itself, which is then behind the step's own.
    public var normalization: Int?
  }

  /// Where a step writes, and the epilogue.
  public struct Target: Hashable, Sendable {
    public var operand: Operand
    /// The view whose activation's derivative the gradient is multiplied by.
    public var mask: View?
    /// Whether the mask is for all that was written there, by this step and by those before it.
    public var masksSum = false
    /// The batch norm for which moments, or sums, of what is written are gathered.
    public var gathersFor: Int?

    init(_ operand: Operand) { self.operand = operand }
  }
}
