// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// `decouple` on networks trained where the coupling is known.
@Suite struct DecoupleTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    // Three λ of clean textures are enough to tell apart what networks learn of them.
    let experiment = """
      {"data": {"kind": "coupling", "train": 512, "test": 32, "size": 8, "channels": 4, "classes": 4},
       "network": {"network": "probe", "width": 8},
       "training": {"epochs": 24, "batch": 32, "evaluateEveryEpochs": 24,
         "optimizer": {"kind": "adamw", "learningRate": 0.01}},
       "seeds": 3,
       "vary": {"data.lambda": [0, 0.5, 1],
         "network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]}}
      """
    _ = try scratch.write(experiment, to: "known.json")
  }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(words, in: scratch.url)
  }

  private func weights(of condition: String) throws -> [String] {
    let outcome = try run(
      "table", "R", "--format", "csv-runs", "--where", condition, "--where", "block=regular-conv",
      "--quiet")
    let lines = outcome.output.split(separator: "\n").dropFirst()
    return lines.map { "R/runs/\($0.prefix { $0 != "," }).h5" }
  }

  @Test func whatIsTrainedCalibratesAndIsReadBack() throws {
    let none = try run("decouple")
    #expect(none.exitCode == 2 && none.messages.contains("FILE is missing, or --calibration"))
    let trained = try run("run", "known.json", "--keep-weights", "--results", "R", "--quiet")
    try #require(trained.exitCode == 0, "\(trained.messages)")

    let curve = try run("decouple", "--calibration", "R", "--format", "csv", "--quiet")
    try #require(curve.exitCode == 0, "\(curve.messages)")
    let levels = curve.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(levels.map { $0[0] } == ["0.0", "0.5", "1.0"])
    #expect(levels.allSatisfy { $0[1] == "3" })
    let fitted = try levels.map { try #require(Double($0[4])) }
    #expect(fitted[0] > fitted[2] + 0.1, "\(curve.output)")

    // Kernels of another time of training are of another curve.
    let longer = try run(
      "run", "known.json", "--keep-weights", "--results", "R", "--quiet", "--set",
      "training.epochs=1", "--set", "training.evaluateEveryEpochs=1", "--set", "seeds=1")
    try #require(longer.exitCode == 0, "\(longer.messages)")
    let mixed = try run("decouple", "--calibration", "R")
    #expect(
      mixed.exitCode == 2 && mixed.messages.contains("differ in training.e"), "\(mixed.messages)")
    try Data([1, 2, 3]).write(to: scratch.url.appending(path: "R/runs/0000000000000000.h5"))
    let chosen = try run(
      "decouple", "--calibration", "R", "--where", "epochs=24", "--format", "csv")
    #expect(chosen.output == curve.output)
    #expect(
      chosen.messages.contains("left out: ") && chosen.messages.contains("0000000000000000.h5"))
    try FileManager.default.removeItem(at: scratch.url.appending(path: "R/runs"))
    try #require(
      try run("run", "known.json", "--keep-weights", "--results", "R", "--quiet").exitCode == 0)

    let files = try weights(of: "lambda=0.5")
    try #require(files.count == 3)
    let read = try Tool.run(
      ["decouple"] + files + ["--mean", "--calibration", "R", "--format", "csv", "--quiet"],
      in: scratch.url)
    try #require(read.exitCode == 0, "\(read.messages)")
    let lines = read.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(lines.count == 2)
    let names = lines[0].map(String.init)
    let row = Dictionary(uniqueKeysWithValues: zip(names, lines[1].map(String.init)))
    #expect(row["kernels"] == "3")
    #expect(abs((Double(row["likeLambda"] ?? "") ?? .nan) - 0.5) < 0.01, "\(row)")
    let text = try Tool.run(
      ["decouple"] + files + ["--calibration", "R", "--figure", "layers.svg"], in: scratch.url)
    #expect(text.messages.contains("written: layers.svg"))
    let figure = try String(contentsOf: scratch.url.appending(path: "layers.svg"), encoding: .utf8)
    #expect(figure.contains("3 files") && figure.contains("per input"))
    #expect(try run("decouple", "--calibration", "R", "--figure", "curve.pdf").exitCode == 0)
    #expect(try run("decouple", "--calibration", "R", "--figure", "curve.doc").exitCode == 2)
    #expect(text.output.contains("like λ") && text.output.contains("95 % interval"))
    // Every file stands for one training: the sentence is of their mean.
    #expect(text.output.contains("- block reads like λ "), "\(text.output)")
    #expect(text.output.contains(": 3 kernels of 3 files."))
  }

  @Test func weightsOfEpochsAreReadOverThem() throws {
    let trained = try run(
      "run", "known.json", "--keep-epochs", "4,1", "--results", "E", "--quiet", "--set",
      "training.epochs=4", "--set", "seeds=2", "--set", "vary.data.lambda=[0]")
    try #require(trained.exitCode == 0, "\(trained.messages)")
    let folder = scratch.url.appending(path: "E/weights")
    let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".h5") }.sorted()
    try #require(files.count == 8)
    let all = files.map { "E/weights/\($0)" }
    let csv = try Tool.run(["decouple"] + all + ["--epochs", "--format", "csv"], in: scratch.url)
    // Separable convolutions have no kernel to look at.
    #expect(csv.messages.contains("left out: 4 of 8 files"), "\(csv.messages)")
    let lines = csv.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 3, "\(csv.output)\(csv.messages)")
    #expect(lines[1].hasPrefix("block,1,2,2,") && lines[2].hasPrefix("block,4,2,2,"))
    let drawn = try Tool.run(
      ["decouple"] + all + ["--epochs", "--figure", "epochs.svg"], in: scratch.url)
    #expect(drawn.exitCode == 0, "\(drawn.messages)")
    let figure = try String(contentsOf: scratch.url.appending(path: "epochs.svg"), encoding: .utf8)
    #expect(figure.contains("epochs of training") && figure.contains("2 runs"))
    let both = try run("decouple", all[0], "--epochs", "--mean")
    #expect(both.exitCode == 2 && both.messages.contains("--mean is one too many"))
    let late = try run("run", "known.json", "--keep-epochs", "25", "--results", "E")
    #expect(late.exitCode == 2 && late.messages.contains("at most 24, the epochs of training"))
    let name = try run("run", "known.json", "--keep-epochs", "1,,2", "--results", "E")
    #expect(name.exitCode == 2 && name.messages.contains("numbers from 1 to 100000"))
  }

  @Test func whatCannotCalibrateIsRefused() throws {
    let trained = try run(
      "run", "known.json", "--results", "R", "--set", "training.epochs=1", "--set", "seeds=1",
      "--quiet")
    try #require(trained.exitCode == 0, "\(trained.messages)")
    let bare = try run("decouple", "--calibration", "R")
    #expect(bare.exitCode == 2)
    #expect(
      bare.messages.contains("3 of its runs are of that kind, and 0 of these kept weights"),
      "\(bare.messages)")
    let alone = try run("decouple", "x.h5", "--where", "lambda=0")
    #expect(alone.exitCode == 2 && alone.messages.contains("--calibration RESULTS is missing"))
  }
}
