// SPDX-License-Identifier: Apache-2.0

/// Why a table or plot cannot be made, in the words that the user is shown.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String

  public init(_ description: String) {
    self.description = description
  }
}
