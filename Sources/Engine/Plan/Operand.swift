// SPDX-License-Identifier: Apache-2.0

/// Something that a plan gives memory to, and that steps read and write. Nodes are positions in the
/// graph; parameters and their gradients lie elsewhere and are no operands.
public enum Operand: Hashable, Sendable {
  /// The output of a node.
  case output(Int)
  /// What a node's forward pass leaves for its backward pass, or a batch norm for its readers.
  case saved(Int)
  /// The gradient of a node's output.
  case gradient(Int)
  /// Of a batch norm: its input's moments, by tile.
  case moments(Int)
  /// Of a batch norm: the two sums that its gradient needs, by tile.
  case sums(Int)
  /// Working memory of a node's pass.
  case scratch(Int, Plan.Step.Pass)
}
