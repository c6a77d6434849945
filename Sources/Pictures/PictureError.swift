// SPDX-License-Identifier: Apache-2.0

/// Why a picture cannot be used, in the words that the user is shown.
public struct PictureError: Error, Equatable, Sendable, CustomStringConvertible {
  public var file: String
  /// What stands there; empty where the rule says it all.
  public var value: String
  /// What should stand there, as the end of a sentence: "must be a JPEG or PNG picture".
  public var rule: String

  public init(file: String, value: String = "", rule: String) {
    self.file = file
    self.value = value
    self.rule = rule
  }

  public var description: String {
    value.isEmpty ? "\(file): \(rule)" : "\(file): \(value); it \(rule)"
  }
}
