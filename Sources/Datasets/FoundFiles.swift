// SPDX-License-Identifier: Apache-2.0

import Downloads

/// The files of a data set, found but not read yet.
protocol FoundFiles: Sendable {
  /// What is read, in order.
  var paths: [String] { get }
  /// The names of the contents, in the digest's order.
  var names: [String] { get }

  /// Reads the sets.
  ///
  /// - Parameter hashes: told of all that is read.
  func read(_ hashes: ContentHashes?) throws(DatasetError) -> DatasetContents

  /// Compares files that are one archive with the published one; does nothing for others.
  func checkArchive(as key: String) throws(DatasetError)
}

extension FoundFiles {
  func checkArchive(as key: String) {}
}
