// SPDX-License-Identifier: Apache-2.0

import Pictures

/// Why a data set cannot be used, in the words that the user is shown.
public struct DatasetError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or folder at fault; for a member of an archive `archive.tar.gz: member`.
  public var file: String
  /// Bytes from the start of the uncompressed file, where one place is at fault.
  public var offset: Int?
  /// What stands there; empty where the rule says it all.
  public var value: String
  /// What should stand there, as the end of a sentence: "must be 30730000 bytes long".
  public var rule: String

  public init(file: String, offset: Int? = nil, value: String = "", rule: String) {
    self.file = file
    self.offset = offset
    self.value = value
    self.rule = rule
  }

  public var description: String {
    let place = offset.map { "\(file), byte \($0)" } ?? file
    return value.isEmpty ? "\(place): \(rule)" : "\(place): \(value); \(rule)"
  }

  /// A picture at fault.
  init(_ error: PictureError) {
    self.init(file: error.file, value: error.value, rule: error.rule)
  }
}
