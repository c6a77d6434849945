// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Records

@Suite struct RunRecordTests {
  @Test func runComesBackBitForBit() throws {
    let folder = try ScratchFolder()
    let written = Samples.run()
    try written.write(to: folder.file("run.h5"))
    let read = try RunRecord(contentsOf: folder.file("run.h5"))
    #expect(read.bits.count == 3 + 2 + 2 + 3)
    #expect(read.bits == written.bits)
    #expect(read.withoutNumbers == written.withoutNumbers)
    #expect(read.weights.map(\.path) == ["stem/conv/kernel", "head/bias", "head/kernel"])
  }

  @Test func absentPartsStayAbsent() throws {
    let folder = try ScratchFolder()
    var written = Samples.run()
    written.status = .failed(reason: "step 7: loss is not finite; first in \"stem/conv\"")
    (written.budget, written.predictions, written.weights) = (nil, nil, [])
    (written.labels, written.curves, written.metrics) = ([], [:], [:])
    try written.write(to: folder.file("run.h5"))
    #expect(try RunRecord(contentsOf: folder.file("run.h5")) == written)
  }

  @Test func largePartsAreReadOnlyWhenAskedFor() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("run.h5"))
    let bare = try RunRecord(contentsOf: folder.file("run.h5"), reading: [])
    #expect(bare.predictions == nil)
    #expect(bare.weights.isEmpty)
    let weights = try RunRecord(contentsOf: folder.file("run.h5"), reading: .weights)
    #expect(weights.predictions == nil)
    #expect(weights.weights.count == 3)
  }

  @Test func longConfigurationAndManyMetricsFit() throws {
    let folder = try ScratchFolder()
    var written = Samples.run()
    written.configuration = String(repeating: "ä long configuration, ", count: 20_000)
    written.metrics = Dictionary(uniqueKeysWithValues: (0..<500).map { ("m/\($0)", Double($0)) })
    try written.write(to: folder.file("run.h5"))
    let read = try RunRecord(contentsOf: folder.file("run.h5"))
    #expect(read.configuration.utf8.count == written.configuration.utf8.count)
    #expect(read.configuration == written.configuration)
    #expect(read.metrics == written.metrics)
  }

  @Test func sameRunGivesTheSameBytes() throws {
    let folder = try ScratchFolder()
    try Samples.run().write(to: folder.file("a.h5"))
    try Samples.run().write(to: folder.file("b.h5"))
    let bytes = try folder.bytes("a.h5")
    #expect(bytes.count > 1_000)
    #expect(try folder.bytes("b.h5") == bytes)
    try Samples.run(seed: 4).write(to: folder.file("b.h5"))
    #expect(try folder.bytes("b.h5") != bytes)
  }

  @Test func checkpointComesBackBitForBit() throws {
    let folder = try ScratchFolder()
    let written = Samples.checkpoint()
    try written.write(to: folder.file("checkpoint.h5"))
    let read = try Checkpoint(contentsOf: folder.file("checkpoint.h5"))
    #expect(read.runID == "9f2c")
    #expect(read.numbers == written.numbers)
    #expect(read.reals == written.reals)
    #expect(read.sessions == written.sessions && read.sessions.count == 2)
    #expect(read.data == "ab12")
    #expect(try Checkpoint.dataDigest(inFile: folder.file("checkpoint.h5")) == "ab12")
    var old = written
    (old.sessions, old.data) = ([], nil)
    try old.write(to: folder.file("old.h5"))
    #expect(try Checkpoint(contentsOf: folder.file("old.h5")).sessions.isEmpty)
    #expect(try Checkpoint.dataDigest(inFile: folder.file("old.h5")) == nil)
    #expect(read.tensors.map(\.path) == ["b", "a/velocity"])
    #expect(read.tensors.map(\.shape) == [[2], [1]])
    #expect(read.tensors.map(\.bits) == written.tensors.map(\.bits))
    #expect(
      read.curves.mapValues { $0.map(\.bitPattern) }
        == written.curves.mapValues { $0.map(\.bitPattern) })
  }

  @Test func budgetMismatchIsAFractionOfTheTarget() {
    let budget = RunRecord.Budget(quantity: "parameters", target: 200, actual: 199)
    #expect(abs(budget.mismatch + 0.005) < 1e-15)
  }

  @Test func textThatHDF5WouldCutIsRefused() throws {
    let folder = try ScratchFolder()
    var record = Samples.run()
    record.id = "a\0b"
    let error = #expect(throws: RecordError.self) { try record.write(to: folder.file("r.h5")) }
    #expect(error?.object == "/@id")
    #expect(error?.rule == "must not hold a zero byte")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func namesThatCollideAreRefused() throws {
    let folder = try ScratchFolder()
    var record = Samples.run()
    record.curves = ["test": [1], "test/top1": [2]]
    let error = #expect(throws: RecordError.self) { try record.write(to: folder.file("r.h5")) }
    #expect(error?.object == "/curves/test")
    record.curves = ["a//b": [1]]
    let empty = #expect(throws: RecordError.self) { try record.write(to: folder.file("r.h5")) }
    #expect(empty?.rule.contains("names joined by /") == true)
  }

  @Test func shapeThatIsNotThatOfTheValuesIsRefused() throws {
    let folder = try ScratchFolder()
    var record = Samples.run()
    record.weights = [NamedTensor(path: "kernel", shape: [2, 3], values: [1, 2])]
    let error = #expect(throws: RecordError.self) { try record.write(to: folder.file("r.h5")) }
    #expect(error?.object == "/weights/kernel")
    #expect(error?.rule == "has 2 values, which is not the product of the shape [2, 3]")
  }

  @Test func anotherSchemaIsRefused() throws {
    let folder = try ScratchFolder()
    try Samples.checkpoint().write(to: folder.file("c.h5"))
    let error = #expect(throws: RecordError.self) {
      try RunRecord(contentsOf: folder.file("c.h5"))
    }
    #expect(
      error?.description == "\(folder.file("c.h5")): /@schema: is \"continuum-checkpoint/1\"; "
        + "it must be \"continuum-run/1\"")
  }
}
