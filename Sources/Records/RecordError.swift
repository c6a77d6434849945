// SPDX-License-Identifier: Apache-2.0

/// Why a record cannot be read or written, in the words that the user is shown.
public struct RecordError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public var file: String
  /// The path of the object inside it, e.g. `/curves/test/top1`; empty for the whole file.
  public var object: String
  /// What should hold, or what the system said, as a sentence without its full stop.
  public var rule: String

  public init(file: String, object: String = "", rule: String) {
    self.file = file
    self.object = object
    self.rule = rule
  }

  public var description: String {
    object.isEmpty ? "\(file): \(rule)" : "\(file): \(object): \(rule)"
  }
}
