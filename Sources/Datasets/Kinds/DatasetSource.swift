// SPDX-License-Identifier: Apache-2.0

import Downloads

/// Where a data set comes from, for messages and lists.
struct DatasetSource: Sendable {
  var name: String
  var summary: String
  /// Addresses of the files; empty for what is not downloaded.
  var addresses: [String] = []
  /// The sub-folder or file name under which the data folder holds it.
  var place: String

  /// What to do where the files are missing.
  var advice: String {
    "download \(addresses.joined(separator: " and ")) and put it, as \(place), into that folder, "
      + "or let `continuum data fetch` do both"
  }

  /// The addresses under which `data fetch` finds a set.
  static func addresses(_ name: String) -> [String] {
    Publication.named(name)?.files.map(\.address) ?? []
  }
}
