// SPDX-License-Identifier: Apache-2.0

/// Why a file could not be fetched, in the words that the user is shown.
public struct DownloadError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or address at fault.
  public var place: String
  /// What happened, and what to do about it.
  public var reason: String

  init(_ place: String, _ reason: String) {
    self.place = place
    self.reason = reason
  }

  public var description: String { "\(place): \(reason)" }
}
