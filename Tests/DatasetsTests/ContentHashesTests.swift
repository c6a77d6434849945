// SPDX-License-Identifier: Apache-2.0

import Downloads
import Foundation
import Settings
import Testing

@testable import Datasets

/// Data are known by their contents, and published ones by their checksums.
@Suite struct ContentHashesTests {
  private let folder: Folder
  private let layout = Fixtures.smallCIFAR
  private var files = Fixtures.cifarFiles(Fixtures.smallCIFAR)

  init() throws {
    folder = try Folder()
  }

  private func write(_ files: [(name: String, bytes: [UInt8])]) throws -> any FoundFiles {
    for file in files { try folder.write("set/\(file.name)", file.bytes) }
    return CIFARFolder(path: "\(folder.path)/set", layout: layout)
  }

  private func digest(_ found: any FoundFiles) throws -> String {
    try #require(CIFAR10().readHashed(found, mayBeAnything: true).digest)
  }

  private func sha256(_ bytes: [UInt8]) throws -> String {
    let checksum = try Checksum(.sha256)
    checksum.add(bytes, count: bytes.count)
    return checksum.digits()
  }

  @Test func anArchiveInAnyOrderHasTheDigestOfItsFolder() throws {
    let plain = try digest(try write(files))
    let tar = Fixtures.tar(files.reversed().map { ("\(layout.folder)/\($0.name)", $0.bytes) })
    let archive = try folder.write("a.tar.gz", try folder.gzipped(tar))
    #expect(try digest(CIFARArchive(path: archive, layout: layout)) == plain)
    #expect(plain.wholeMatch(of: #/[0-9a-f]{64}/#) != nil)
    // By hand: a line for each file, in the layout's order.
    let lines = try files.map { "\($0.name) \(try sha256($0.bytes))\n" }.joined()
    #expect(plain == (try sha256(Array(lines.utf8))))
  }

  @Test func everyByteCounts() throws {
    let plain = try digest(try write(files))
    for (file, byte) in [(0, 0), (2, 3073), (5, 5000)] {
      var changed = files
      changed[file].bytes[byte] = changed[file].bytes[byte] == 1 ? 2 : 1
      #expect(try digest(try write(changed)) != plain)
    }
    var swapped = files
    (swapped[0].bytes, swapped[1].bytes) = (files[1].bytes, files[0].bytes)
    #expect(try digest(try write(swapped)) != plain)
  }

  /// All labels of a file moved on by one: nothing else tells it from a good one.
  @Test func anAlteredFileOfAPublishedSetIsNamed() throws {
    let sums = try files.map { ($0.name, try sha256($0.bytes)) }
    let published = PublishedContents(
      name: "The Set", checksums: Dictionary(uniqueKeysWithValues: sums))
    _ = try write(files).read(ContentHashes(published: published))
    var shifted = files
    for record in 0..<layout.trainRecords {
      let label = record * layout.recordBytes
      shifted[3].bytes[label] = (shifted[3].bytes[label] + 1) % 10
    }
    let found = try write(shifted)
    let error = #expect(throws: DatasetError.self) {
      try found.read(ContentHashes(published: published))
    }
    #expect(error?.file == "\(folder.path)/set/data_batch_4.bin")
    #expect(error?.value == "has the SHA-256 \(try sha256(shifted[3].bytes))")
    #expect(error?.rule.hasPrefix("must be The Set's as published, with the SHA-256 ") == true)
    #expect(error?.rule.contains("data.variant") == true)
    // The true sums are those of the true files.
    let real = #expect(throws: DatasetError.self) {
      try CIFAR10().readHashed(found, mayBeAnything: false)
    }
    #expect(real?.rule.contains("cee916563c9f80d8") == true)
  }

  @Test func oneSetGivenAsAnotherIsRecognised() throws {
    func idx(_ seed: Int) -> [UInt8] {
      Fixtures.idx([9, 5, 4], Fixtures.bytes(180, seed: seed))
    }
    func md5(_ bytes: [UInt8]) throws -> String {
      let checksum = try Checksum(.md5)
      checksum.add(bytes, count: bytes.count)
      return checksum.digits()
    }
    let sets = try [("Digits", idx(1)), ("Clothes", idx(2))].map { name, bytes in
      PublishedContents(name: name, checksums: ["train-images": try md5(bytes)])
    }
    let images = try folder.write("images.gz", try folder.gzipped(idx(1)))
    let labels = try folder.write("labels", Fixtures.idx([9], [1, 2, 3, 4, 5, 6, 7, 8, 9]))
    func read(as set: PublishedContents) throws {
      _ = try IDXReader.read(
        images: images, labels: labels, count: 9, Fixtures.smallIDX,
        ContentHashes(published: set, known: sets))
    }
    try read(as: sets[0])
    let error = #expect(throws: DatasetError.self) { try read(as: sets[1]) }
    #expect(error?.file == images)
    #expect(error?.value == "is a file of Digits")
    #expect(error?.rule.hasPrefix("must be Clothes's as published, with the MD5 ") == true)
  }

  @Test func aPictureReplacedByOneOfTheSameSizeIsOtherData() throws {
    try folder.writeClasses("train/", ["cat": 2, "dog": 2])
    try folder.writeClasses("test/", ["cat": 1, "dog": 1])
    let fields: JSON = ["kind": "image-folder", "path": .string(folder.path)]
    func digest(_ hashing: Hashing = .remembered) throws -> String? {
      var reading = try Fields(fields, source: "test")
      return try DatasetDescription(&reading).load(directory: nil, hashing: hashing).digest
    }
    let before = try #require(try digest())
    #expect(try digest(.anew) == before)
    #expect(try digest(.none) == nil)
    let file = URL(fileURLWithPath: "\(folder.path)/train/cat/picture0.png")
    var bytes = try Data(contentsOf: file)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    #expect(try digest() != before)
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: file)
    #expect(try digest() == before)
  }

  @Test func aVariantIsAnotherRunAndNothingElseChanges() throws {
    func description(_ json: JSON) throws -> DatasetDescription {
      var fields = try Fields(json, source: "test", path: "data")
      let description = try DatasetDescription(&fields)
      try fields.finish()
      return description
    }
    let plain = try description(["kind": "cifar-10"])
    let variant = try description(["kind": "cifar-10", "variant": "labels moved on by one"])
    #expect(plain.canonical["variant"]?.canonicalText == nil)
    #expect(variant.canonical["variant"]?.canonicalText == "\"labels moved on by one\"")
    #expect(plain != variant)
    let empty = #expect(throws: SettingsError.self) {
      try description(["kind": "mnist", "variant": ""])
    }
    #expect(empty?.field == "data.variant")
    #expect(throws: SettingsError.self) { try description(["variant": "textures"]) }
  }

  // MARK: The cache

  @Test func theCacheKnowsFilesByTheirStamps() throws {
    let cache = DigestCache(path: "\(folder.path)/cache/continuum/digests")
    let file = try folder.write("file", [1, 2, 3])
    // A file that changed a moment ago may change again unseen.
    #expect(DigestCache.key("kind", [file]) == nil)
    #expect(DigestCache.key("kind", ["\(folder.path)/nowhere"], settling: -1) == nil)
    let key = try #require(DigestCache.key("kind", [file], settling: -1))
    #expect(DigestCache.key("kind", [file], settling: -1) == key)
    #expect(DigestCache.key("other", [file], settling: -1) != key)
    #expect(cache.digest(of: key) == nil)
    cache.remember("abc", of: key)
    cache.remember("other", of: "key")
    #expect(cache.digest(of: key) == "abc")
    #expect(cache.digest(of: "key") == "other")
    cache.remember("def", of: key)
    #expect(cache.digest(of: key) == "def")
    try folder.write("file", [1, 2, 4])
    #expect(DigestCache.key("kind", [file], settling: -1) != key)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/cache/continuum")
        == ["digests"])
  }

  @Test func aDamagedCacheIsPassedOver() throws {
    let path = "\(folder.path)/digests"
    let cache = DigestCache(path: path)
    cache.remember("abc", of: "key")
    let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    for index in good.indices.dropLast() {
      var damaged = good
      damaged[index] ^= 2
      try folder.write("digests", damaged)
      #expect(cache.digest(of: "key") == nil, "byte \(index)")
    }
    try folder.write("digests", [0xFF, 0xFE, 0, 10, 32, 32, 10] + good)
    #expect(cache.digest(of: "key") == "abc")
    try FileManager.default.removeItem(atPath: path)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    cache.remember("abc", of: "key")
    #expect(cache.digest(of: "key") == nil)
  }
}
