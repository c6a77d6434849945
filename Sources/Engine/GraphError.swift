// SPDX-License-Identifier: Apache-2.0

/// A graph that cannot be: the op and the rule that its inputs break.
public struct GraphError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The path of the op, e.g. `entry/block2/depthwise`.
  public var op: String
  /// What must hold, with the values that break it.
  public var rule: String

  public init(op: String = "", rule: String) {
    self.op = op
    self.rule = rule
  }

  public var description: String { op.isEmpty ? rule : "\(op): \(rule)" }
}
