// SPDX-License-Identifier: Apache-2.0

import Records

/// Why a network cannot be written in a form of somebody else's.
public struct ExportError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file that was to be written.
  public var file: String
  /// What should hold, as a sentence without its full stop.
  public var rule: String

  public init(file: String, rule: String) {
    self.file = file
    self.rule = rule
  }

  public var description: String { "\(file): \(rule)" }
}
