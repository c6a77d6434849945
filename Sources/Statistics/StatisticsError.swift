// SPDX-License-Identifier: Apache-2.0

/// What cannot be analysed, and why.
public struct StatisticsError: Error, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
