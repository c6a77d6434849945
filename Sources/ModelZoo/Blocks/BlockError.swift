// SPDX-License-Identifier: Apache-2.0

/// A block that cannot be: which block, which field, what it holds and what it must hold.
public struct BlockError: Error, Hashable, Sendable, CustomStringConvertible {
  public var block: String
  public var field: String
  public var value: String
  /// The end of a sentence: "must divide the 64 filters".
  public var rule: String

  public init(block: String, field: String, value: String, rule: String) {
    self.block = block
    self.field = field
    self.value = value
    self.rule = rule
  }

  public var description: String { "block \(block): \(field) is \(value); it \(rule)" }
}
