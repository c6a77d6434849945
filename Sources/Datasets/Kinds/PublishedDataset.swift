// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// A data set of files that everybody can have, read whole into memory.
///
/// A new one states its source, its layout and what is known of the contents, and how its files are
/// found.
protocol PublishedDataset: Dataset {
  init()

  /// What is known of the contents of its files; nil where nothing is.
  static var contents: PublishedContents? { get }
  /// What training images go through unless the file says otherwise.
  static var usualAugmentation: Augmentation? { get }

  /// - Throws: where files are missing, saying what to download and where to put it.
  func find(in location: DatasetLocation) throws(DatasetError) -> any FoundFiles
}

extension PublishedDataset {
  static var origin: DatasetOrigin { .published }
  static var usualAugmentation: Augmentation? { nil }

  init(
    _ fields: inout Fields, _ options: inout DatasetOptions, preprocessing: PicturePreprocessing
  ) throws(SettingsError) {
    self.init()
    try options.readStandardize(&fields)
    try options.readAugmentation(&fields, default: Self.usualAugmentation)
    try options.readFiles(&fields)
  }

  var valueBytes: Int { MemoryLayout<UInt8>.stride }

  func load(
    _ options: DatasetOptions, directory: String?, hashing: Hashing
  ) throws(DatasetError) -> DatasetContents {
    let found = try found(options, in: directory)
    if hashing == .none { return try found.read(nil) }
    let key = identityKey(options, found)
    var contents: DatasetContents
    if hashing == .remembered, let digest = key.flatMap({ DigestCache.user?.digest(of: $0) }) {
      contents = try found.read(nil)
      contents.digest = digest
      return contents
    }
    contents = try readHashed(found, mayBeAnything: options.variant != nil)
    // Not where the files changed while they were read.
    if let key, let digest = contents.digest, key == identityKey(options, found) {
      DigestCache.user?.remember(digest, of: key)
    }
    return contents
  }

  /// What the files hold, with their digest.
  ///
  /// - Throws: also where the files are no published set's, unless they may be anything.
  func readHashed(
    _ found: any FoundFiles, mayBeAnything: Bool
  ) throws(DatasetError) -> DatasetContents {
    if !mayBeAnything, Self.contents == nil { try found.checkArchive(as: Self.key) }
    let hashes = ContentHashes(
      published: mayBeAnything ? nil : Self.contents, known: PublishedContents.all)
    var contents = try found.read(hashes)
    contents.digest = try hashes.digest(order: found.names)
    return contents
  }

  func isAtHand(_ options: DatasetOptions, directory: String?) -> Bool {
    (try? found(options, in: directory)) != nil
  }

  func digestAtHand(
    _ options: DatasetOptions, directory: String?
  ) throws(DatasetError) -> String? {
    guard let found = try? found(options, in: directory) else { return nil }
    let known = identityKey(options, found).flatMap { DigestCache.user?.digest(of: $0) }
    if let known { return known }
    return try load(options, directory: directory, hashing: .remembered).digest
  }

  func place(_ options: DatasetOptions, directory: String?) -> String? {
    (try? found(options, in: directory))?.paths.first
  }

  private func found(
    _ options: DatasetOptions, in directory: String?
  ) throws(DatasetError) -> any FoundFiles {
    let directory = directory ?? ProcessInfo.processInfo.environment["CONTINUUM_DATA"]
    return try find(in: DatasetLocation(path: options.path, directory: directory))
  }

  /// Files that may be anything and files that were compared have different keys.
  private func identityKey(_ options: DatasetOptions, _ found: any FoundFiles) -> String? {
    DigestCache.key(
      "\(Self.key) \(options.variant == nil ? "published" : "variant")", found.paths)
  }
}
