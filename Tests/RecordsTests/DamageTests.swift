// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams
import Testing

@testable import Records

@Suite struct DamageTests {
  @Test func everyFlippedBitIsNoticed() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    var generator = RandomStream(seed: 1, "flips")
    for _ in 0..<400 {
      var damaged = original
      let position = generator.integer(below: original.count - FileSeal.byteCount)
      damaged[position] ^= 1 << UInt8(generator.integer(below: 8))
      try folder.write(damaged, to: "damaged.h5")
      #expect(throws: RecordError.self, "byte \(position)") {
        try RunRecord(contentsOf: folder.file("damaged.h5"))
      }
    }
  }

  @Test func everyDamagedSealIsNoticed() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    for offset in 1...FileSeal.byteCount {
      for bit in 0..<8 {
        var damaged = original
        damaged[original.count - offset] ^= 1 << UInt8(bit)
        try folder.write(damaged, to: "damaged.h5")
        #expect(throws: RecordError.self, "byte \(offset) from the end, bit \(bit)") {
          try RunRecord(contentsOf: folder.file("damaged.h5"))
        }
      }
    }
  }

  @Test func whatStandsBehindTheEndIsDamage() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    let content = Array(original.dropLast(FileSeal.byteCount))
    let seal = original.suffix(FileSeal.byteCount)
    for rest in [[0], Array(seal.dropLast()), Array(repeating: 0, count: 99)] {
      try folder.write(content + rest, to: "longer.h5")
      let error = #expect(throws: RecordError.self) {
        try HDF5File(reading: folder.file("longer.h5"))
      }
      #expect(error?.rule.contains("HDF5 ends after \(content.count) bytes") == true)
      #expect(throws: RecordError.self) { try RunRecord(contentsOf: folder.file("longer.h5")) }
    }
  }

  /// Cut off exactly there, or edited by another program: HDF5 is not let at it.
  @Test func withoutItsSealNoFileIsTrusted() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    for cut in 1...FileSeal.byteCount {
      try folder.write(Array(original.dropLast(cut)), to: "cut.h5")
      let error = #expect(throws: RecordError.self) {
        try RunRecord(contentsOf: folder.file("cut.h5"))
      }
      #expect(error?.rule.hasPrefix("has no seal at its end: it is cut off") == true, "\(cut)")
      #expect(throws: RecordError.self) { try Checkpoint(contentsOf: folder.file("cut.h5")) }
    }
    // Whoever says so may read it all the same, in a process of its own.
    #expect(try HDF5File(reading: folder.file("cut.h5")).root.contains("cost"))
  }

  @Test func sealsOfBeforeAreGoodAndLaterOnesAreNamed() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    let content = Array(original.dropLast(FileSeal.byteCount))
    let sum = String(decoding: original.suffix(8), as: UTF8.self)
    try folder.write(content + Array("continuum-crc32 \(sum)".utf8), to: "old.h5")
    #expect(try RunRecord(contentsOf: folder.file("old.h5")).bits == Samples.run().bits)
    for wrong in ["0\(sum.dropFirst())x", String(sum.reversed())] where wrong != sum {
      try folder.write(content + Array("continuum-crc32 \(wrong)".utf8), to: "wrong.h5")
      #expect(throws: RecordError.self) { try RunRecord(contentsOf: folder.file("wrong.h5")) }
    }
    var later = original
    later[original.count - FileSeal.byteCount + "continuum-seal/".utf8.count] = UInt8(ascii: "3")
    try folder.write(later, to: "later.h5")
    let error = #expect(throws: RecordError.self) {
      try RunRecord(contentsOf: folder.file("later.h5"))
    }
    #expect(error?.rule.hasPrefix("has a seal of version 3") == true, "\(error?.rule ?? "")")
    // A seal that states another length is none of this file's, whatever the sum.
    var shorter = original
    shorter[original.count - 10] ^= 1
    try folder.write(shorter, to: "shorter.h5")
    #expect(throws: RecordError.self) { try RunRecord(contentsOf: folder.file("shorter.h5")) }
  }

  @Test func truncatedFileIsRefused() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    let content = original.count - FileSeal.byteCount
    for length in stride(from: 0, to: content, by: content / 200) {
      try folder.write(Array(original.prefix(length)), to: "damaged.h5")
      #expect(throws: RecordError.self, "\(length) bytes") {
        try RunRecord(contentsOf: folder.file("damaged.h5"))
      }
    }
  }

  @Test func whatIsNoRunFileIsNamedInTheError() throws {
    let folder = try ScratchFolder()
    try folder.write(Array("not HDF5, though long enough to be looked at".utf8), to: "text.h5")
    for (path, rule) in [
      (folder.file("text.h5"), "is not an HDF5 file"),
      (folder.file("absent.h5"), "No such file"), (folder.path, "must be a file"),
    ] {
      let error = #expect(throws: RecordError.self) { try RunRecord(contentsOf: path) }
      #expect(error?.file == path)
      #expect(error?.rule.contains(rule) == true, "\(error?.description ?? "")")
    }
  }

  @Test func unfinishedFilesAreNoRuns() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(
      atPath: folder.file("runs"), withIntermediateDirectories: true)
    try Samples.run(seed: 1).write(to: folder.file("runs/b.h5"))
    try Samples.run(seed: 2).write(to: folder.file("runs/a.h5"))
    let half = Array(try folder.bytes("runs/a.h5").prefix(999))
    try folder.write(half, to: "runs/c.h5.4711.part")
    let records = try RunDirectory.records(in: folder.path)
    #expect(records.map(\.seed) == [2, 1])
    #expect(records.allSatisfy { $0.predictions == nil && $0.weights.isEmpty })
    #expect(try RunDirectory.records(in: folder.file("runs")).count == 2)
    #expect(try RunDirectory.records(in: folder.file("runs/b.h5"), reading: .all).count == 1)
    try folder.write(half, to: "runs/c.h5")
    #expect(throws: RecordError.self) { try RunDirectory.records(in: folder.path) }
    #expect(throws: RecordError.self) { try RunDirectory.records(in: folder.file("absent")) }
  }

  @Test func failedWriteLeavesTheOldFile() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let original = try folder.bytes("run.h5")
    var wrong = Samples.run()
    wrong.weights = [NamedTensor(path: "kernel", shape: [3], values: [])]
    #expect(throws: RecordError.self) { try wrong.write(to: folder.file("run.h5")) }
    #expect(try folder.bytes("run.h5") == original)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["run.h5"])
    let error = #expect(throws: RecordError.self) {
      try Samples.run().write(to: folder.file("absent/run.h5"))
    }
    #expect(error?.file == folder.file("absent/run.h5"))
  }
}
