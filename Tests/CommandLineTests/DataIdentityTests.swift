// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Testing

/// Results belong to the data that they were made with.
@Suite struct DataIdentityTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  private func train(_ options: String = "") throws -> Tool.Outcome {
    try Tool.shell(
      """
      continuum train '{"network": "probe", "width": 4}' --dataset image-folder --batch 2 \
      --set data.path=pictures --set data.preprocessing.size=8 --results results \(options)
      """, in: scratch.url)
  }

  private func addPictures() throws {
    for (label, name) in ["cat", "dog"].enumerated() {
      let folder = scratch.url.appending(path: "pictures/\(name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for index in 0..<4 {
        try addPicture("pictures/\(name)/\(index).png", grey: UInt8(40 * label + index + 20))
      }
    }
  }

  private func addPicture(_ name: String, grey: UInt8) throws {
    let file = scratch.url.appending(path: name).path
    try Picture(height: 8, width: 8, pixels: Array(repeating: grey, count: 192)).write(png: file)
  }

  /// Another grey in a file of the same size: by name and size nothing has changed.
  private func replacePicture(_ name: String) throws {
    let file = scratch.url.appending(path: name).path
    func size() throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    }
    let before = try size()
    for grey in (100..<140).map(UInt8.init) {
      try addPicture(name, grey: grey)
      if try size() == before { return }
    }
    Issue.record("no grey takes \(before ?? 0) bytes")
  }

  private func records() throws -> [RunRecord] {
    try RunDirectory.records(in: scratch.url.appending(path: "results").path)
  }

  @Test func aFinishedRunIsNotShownForOtherData() throws {
    try addPictures()
    let first = try train("--epochs 1")
    try #require(first.exitCode == 0, "\(first.messages)")
    let run = try #require(try records().first)
    #expect(run.data?.digest.count == 64)
    #expect(run.data?.train == 6 && run.data?.test == 2)
    #expect(try train("--epochs 1").messages.contains("1 done before"))
    // The same name and size, so the same configuration.
    try replacePicture("pictures/cat/0.png")
    let other = try train("--epochs 1")
    #expect(other.exitCode == 2)
    #expect(other.messages.contains("results/runs/\(run.id).h5"), "\(other.messages)")
    #expect(other.messages.contains("those at pictures have"))
    #expect(other.messages.contains("--results") && other.messages.contains("data.variant"))
    #expect(other.messageLines.count == 1)
    let variant = try train("--epochs 1 --set 'data.variant=\"a white cat\"'")
    #expect(variant.exitCode == 0, "\(variant.messages)")
    #expect(try records().count == 2)
    #expect(Set(try records().compactMap { $0.data?.digest }).count == 2)
    try addPicture("pictures/cat/0.png", grey: 20)
    #expect(try train("--epochs 1").messages.contains("1 done before"))
    // Tables need no data.
    try FileManager.default.removeItem(at: scratch.url.appending(path: "pictures"))
    #expect(try Tool.shell("continuum table results", in: scratch.url).exitCode == 0)
  }

  @Test func aBegunRunDoesNotGoOnWithOtherData() throws {
    try addPictures()
    let start = """
      continuum train '{"network": "probe", "width": 4}' --dataset image-folder --batch 2 \
      --set data.path=pictures --set data.preprocessing.size=8 --results results \
      --epochs 100000 --checkpoint-every 0 --quiet &
      until ls results/checkpoints/*.h5 > /dev/null 2>&1; do sleep 0.05; done
      kill -TERM $!
      wait $!
      """
    #expect(try Tool.shell(start, in: scratch.url).exitCode == 130)
    try replacePicture("pictures/dog/3.png")
    let other = try train("--epochs 100000")
    #expect(other.exitCode == 2)
    #expect(other.messages.contains("results/checkpoints/"), "\(other.messages)")
  }

  /// A set of the right form that nobody published.
  @Test func whatIsNoPublishedSetIsRefused() throws {
    for (part, count) in [("train", 60_000), ("t10k", 10_000)] {
      func header(_ dimensions: [Int]) -> Data {
        let numbers = [0x800 + dimensions.count] + dimensions
        return Data(numbers.flatMap { withUnsafeBytes(of: UInt32($0).bigEndian, Array.init) })
      }
      let folder = scratch.url.appending(path: "mnist")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try (header([count, 28, 28]) + Data(count: count * 784))
        .write(to: folder.appending(path: "\(part)-images-idx3-ubyte"))
      try (header([count]) + Data((0..<count).map { UInt8($0 % 10) }))
        .write(to: folder.appending(path: "\(part)-labels-idx1-ubyte"))
    }
    let verify = "continuum data verify mnist --data . --quiet"
    let refused = try Tool.shell(verify, in: scratch.url)
    #expect(refused.exitCode == 2)
    #expect(
      refused.messages.contains("./mnist/train-images-idx3-ubyte: has the MD5 "),
      "\(refused.messages)")
    #expect(
      refused.messages.contains("must be MNIST's as published, with the MD5 6bbc9ace898e44ae"))
    let variant = try Tool.shell("\(verify) --set 'variant=\"black\"'", in: scratch.url)
    #expect(variant.exitCode == 0, "\(variant.messages)")
    #expect(variant.output.contains(#/SHA-256 of the contents [0-9a-f]{64}/#))
  }
}
