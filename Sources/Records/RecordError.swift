// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Why a record cannot be read or written, in the words that the user is shown.
public struct RecordError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public var file: String
  /// The path of the object inside it, e.g. `/curves/test/top1`; empty for the whole file.
  public var object: String
  /// What should hold, or what the system said, as a sentence without its full stop.
  public var rule: String
  /// The system's number, where it is the system that refused.
  public var code: Int32?

  public init(file: String, object: String = "", rule: String, code: Int32? = nil) {
    self.file = file
    self.object = object
    self.rule = rule
    self.code = code
  }

  /// Whether the machine failed, and the file may be sound.
  public var isOfMachine: Bool {
    code.map { [EIO, ESTALE, ENOMEM, EMFILE, ENFILE].contains($0) } ?? false
  }

  public var description: String {
    object.isEmpty ? "\(file): \(rule)" : "\(file): \(object): \(rule)"
  }
}
