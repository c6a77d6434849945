// SPDX-License-Identifier: Apache-2.0

import Downloads

/// Hashes the files of a data set while they are read, and compares each with what is known of it.
///
/// The digest of a set is the SHA-256 of a line `NAME SHA-256` for each of its files, in the order of
/// the layout: that of the contents, so that an archive and its unpacked folder have the same.
final class ContentHashes {
  private let published: PublishedContents?
  private let known: [PublishedContents]
  private var found: [(name: String, sha256: String)] = []

  /// - Parameters:
  ///   - published: what the files must be; nil where they may be anything.
  ///   - known: the sets that they may be instead, for the error.
  init(published: PublishedContents?, known: [PublishedContents] = PublishedContents.all) {
    self.published = published
    self.known = known
  }

  /// What is read from `source` by way of the result is hashed as the file `name`.
  func hashed(_ source: any ByteSource, as name: String) throws(DatasetError) -> HashedSource {
    try HashedSource(source, name, needsMD5: published?.checksums[name]?.count == 32)
  }

  /// A file has been read to its end.
  ///
  /// - Throws: where it is not the published one.
  func finish(_ source: HashedSource) throws(DatasetError) {
    let digits = source.digits()
    found.append((source.file, digits.sha256))
    guard let published, let expected = published.checksums[source.file] else { return }
    let kind = expected.count == 32 ? "MD5" : "SHA-256"
    let own = expected.count == 32 ? digits.md5 ?? "" : digits.sha256
    guard own != expected else { return }
    let owner = known.first { $0.checksums.values.contains(own) }
    throw DatasetError(
      file: source.name, value: owner.map { "is a file of \($0.name)" } ?? "has the \(kind) \(own)",
      rule: Self.rule("\(published.name)'s as published, with the \(kind) \(expected)"))
  }

  /// What to do about data that are not what they should be.
  static func rule(_ wanted: String) -> String {
    "must be \(wanted); data that are meant to differ have a text under data.variant that says how"
  }

  /// Of all files, in the given order.
  func digest(order: [String]) throws(DatasetError) -> String {
    let byName = Dictionary(found.map { ($0.name, $0.sha256) }) { $1 }
    return try Self.digest(of: order.map { ($0, byName[$0] ?? "missing") })
  }

  /// Of files by their names and SHA-256.
  static func digest(of files: [(name: String, sha256: String)]) throws(DatasetError) -> String {
    do {
      let checksum = try Checksum(.sha256)
      for file in files { checksum.add("\(file.name) \(file.sha256)\n") }
      return checksum.digits()
    } catch {
      throw DatasetError(error)
    }
  }
}

/// A source whose bytes are hashed as they are read.
final class HashedSource: ByteSource {
  /// The name in the digest.
  let file: String
  private let source: any ByteSource
  private let sha256: Checksum
  private let md5: Checksum?

  var name: String { source.name }

  init(_ source: any ByteSource, _ file: String, needsMD5: Bool) throws(DatasetError) {
    self.source = source
    self.file = file
    do {
      sha256 = try Checksum(.sha256)
      md5 = needsMD5 ? try Checksum(.md5) : nil
    } catch {
      throw DatasetError(error)
    }
  }

  func read(into buffer: inout [UInt8], count: Int) throws(DatasetError) -> Int {
    let read = try source.read(into: &buffer, count: count)
    sha256.add(buffer, count: read)
    md5?.add(buffer, count: read)
    return read
  }

  func digits() -> (sha256: String, md5: String?) { (sha256.digits(), md5?.digits()) }
}

extension DatasetError {
  init(_ error: DownloadError) {
    self.init(file: error.place, rule: error.reason)
  }
}
