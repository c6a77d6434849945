// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Records
import Testing

/// Damaged pictures, and such as decoders warn of: all are named at once, and may be left out.
@Suite struct DamagedPictureCommandTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    for part in ["train", "test"] {
      for (label, name) in ["a", "b"].enumerated() {
        for index in 0..<3 {
          let url = folder.url.appending(path: "set/\(part)/\(name)/\(index).png")
          try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
          let pixels = (0..<8 * 8 * 3).map { UInt8($0 * (1 + label + index) % 256) }
          try Picture(height: 8, width: 8, pixels: pixels).write(png: url.path)
        }
      }
    }
    for (name, cut) in [("train/a/1.png", 20), ("test/b/2.png", 30), ("train/b/0.png", 12)] {
      let url = folder.url.appending(path: "set/\(name)")
      try Data(contentsOf: url).dropLast(cut).write(to: url)
    }
  }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(words, in: folder.url)
  }

  @Test func allAreNamedInOnePass() throws {
    let outcome = try run("data", "verify", "image-folder", "--set", "path=set", "--quiet")
    #expect(outcome.exitCode == 2)
    let lines = outcome.messageLines
    try #require(lines.count == 4, "\(outcome.messages)")
    #expect(
      lines[0].hasPrefix("1 picture decoded with warnings (") && lines[0].contains("train/b/0.png"))
    #expect(lines[0].hasSuffix("; --strict refuses them"))
    #expect(lines[1].hasSuffix("(and 1 more damaged pictures); --skip-damaged leaves them out"))
    #expect(lines[2].contains("train/a/1.png") && lines[3].contains("test/b/2.png"))
    let strict = try run(
      "data", "verify", "image-folder", "--set", "path=set", "--quiet", "--strict")
    #expect(strict.exitCode == 2 && strict.messages.contains("(and 2 more damaged pictures)"))
  }

  @Test func damagedOnesAreLeftOutAndTheRunFileSaysSo() throws {
    let outcome = try run(
      "train", #"{"network": "probe", "width": 4}"#, "--dataset", "image-folder", "--set",
      "data.path=set", "--set", "data.preprocessing.size=8", "--epochs", "1", "--batch", "2",
      "--results", "results", "--skip-damaged", "--quiet")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("2 damaged pictures left out"))
    let runs = folder.url.appending(path: "results/runs").path
    let record = try #require(try RunDirectory.records(in: runs, reading: .predictions).first)
    #expect(record.facts["skippedPictures"] == 2)
    #expect(record.data?.train == 5 && record.predictions?.labels == [0, 0, 0, 1, 1])
    #expect(record.configuration.contains("\"skipDamaged\":true"))
  }

  @Test func predictionsLeaveThemOutToo() throws {
    try folder.addProbe()
    let words = ["predict", "probe", "--weights", "probe.h5", "--input", "set", "--format", "csv"]
    let refused = try Tool.run(words + ["--quiet"], in: folder.url)
    #expect(refused.exitCode == 2 && refused.messages.contains("1 more damaged pictures"))
    let rest = try Tool.run(words + ["--top", "1", "--skip-damaged", "--quiet"], in: folder.url)
    #expect(rest.exitCode == 0 && rest.messages.contains("2 damaged pictures left out"))
    #expect(rest.output.split(separator: "\n").count == 1 + 10)
    #expect(!rest.output.contains("train/a/1.png") && rest.output.contains("train/b/0.png"))
  }
}
