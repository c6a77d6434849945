// SPDX-License-Identifier: Apache-2.0

/// Where in the literature a block or network comes from.
public struct Citation: Hashable, Sendable, CustomStringConvertible {
  /// The figure or section, e.g. `Fig. 3`.
  public let place: String
  /// The work; the Xception paper unless said otherwise.
  public let work: String

  public init(_ place: String, in work: String = "Chollet 2017") {
    self.place = place
    self.work = work
  }

  public var description: String { "\(work), \(place)" }
}
