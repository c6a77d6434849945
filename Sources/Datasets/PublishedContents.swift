// SPDX-License-Identifier: Apache-2.0

/// What is known of the contents of a published data set's files, once they are unpacked. Each set says
/// where it is known from.
struct PublishedContents: Sendable {
  /// As people call it.
  let name: String
  /// SHA-256 (64 digits) or MD5 (32 digits) by the file's name in `ContentHashes`.
  let checksums: [String: String]

  /// All that something is known of.
  static let all = DatasetZoo.all.compactMap { ($0 as? any PublishedDataset.Type)?.contents }
}
