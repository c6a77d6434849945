// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Testing

/// `train`: one run without an experiment file.
@Suite struct TrainTests {
  private static let small =
    "--set data.channels=4 --set data.classes=4 --set data.size=8 --set data.train=64 "
    + "--set data.test=32 --set data.calibrationImages=256 --batch 16 --epochs 2 --quiet"

  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  private func train(_ options: String = "") throws -> Tool.Outcome {
    try Tool.shell(
      "continuum train probe --dataset coupling \(Self.small) \(options)", in: scratch.url)
  }

  @Test func theRunFileHoldsAllThatWasAsked() throws {
    let outcome = try train("--seed 5 --set training.weightDecay=0.125")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.output.contains("network        probe: separable-conv, between none, width 32"))
    let folder = scratch.url.appending(path: "Results/train-probe-coupling")
    let records = try RunDirectory.records(in: folder.path)
    #expect(records.count == 1)
    let record = try #require(records.first)
    #expect(record.experiment == "train-probe-coupling")
    #expect(record.seed == 5)
    let settings = try JSON(text: record.configuration, source: "configuration")
    #expect(settings["training.weightDecay"]?.numberValue == 0.125)
    #expect(settings["training.epochs"] == 2)
    #expect(settings["network.network"] == "probe")
    #expect(record.curves["train/loss"]?.count == 2)
  }

  /// A single run shows what it is and how it went, and its last lines work as they stand.
  @Test func aSingleRunShowsItselfAndWhatComesNext() throws {
    let outcome = try train()
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let lines = outcome.output.split(separator: "\n").map(String.init)
    for line in [
      "parameters     1,636 trainable, 64 others", "multiply-adds  92,288 an image",
      "data           coupling: 64 images to train on, 32 to test",
      "images         8×8×4, 4 classes",
      "training       2 epochs of 4 steps of 16 images, seed 0",
    ] {
      #expect(lines.contains(line), "\(outcome.output)")
    }
    #expect(lines.contains { $0.contains(/^train +top-1 [0-9.]+ %/) })
    #expect(lines.contains { $0.contains(/^test +top-1 [0-9.]+ %, top-5 100.00 %, loss [0-9.]+/) })
    #expect(!outcome.output.contains("|"))
    let folder = scratch.url.appending(path: "Results/train-probe-coupling").path
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(!files.contains { $0.hasPrefix("continuum") || $0.hasPrefix("table") })
    let commands = lines.filter { $0.hasPrefix("  continuum ") }
    #expect(commands.count == 3)
    let evaluate = try #require(commands.first { $0.contains("evaluate") })
    let evaluated = try Tool.shell(evaluate, in: scratch.url)
    #expect(evaluated.exitCode == 0, "\(evaluated.messages)")
    let record = try #require(try RunDirectory.records(in: folder).first)
    let top1 = try #require(record.metrics["test/top1"])
    let shown = String(format: "%.2f", 100 * top1)
    #expect(evaluated.output.contains(shown) && outcome.output.contains("top-1 \(shown) %"))
    let seeds = try #require(commands.first { $0.contains("seeds=5") })
    let more = try Tool.shell(seeds, in: scratch.url)
    #expect(more.exitCode == 0, "\(more.messages)")
    #expect(try RunDirectory.records(in: folder).count == 5)
    #expect(more.output.contains("Seeds 0, 1, 2, 3, 4."))
  }

  /// Trained weights are the point of `train`; leaving them out is what one asks for.
  @Test func weightsStayUnlessOneSaysOtherwise() throws {
    try #require(try train("--no-weights").exitCode == 0)
    let folder = scratch.url.appending(path: "Results/train-probe-coupling").path
    func weights() throws -> Int? {
      try RunDirectory.records(in: folder, reading: .weights).first?.weights.count
    }
    #expect(try weights() == 0)
    try #require(try train().exitCode == 0)
    #expect(try weights() ?? 0 > 0)
    try #require(try train("--no-weights").exitCode == 0)
    #expect(try weights() ?? 0 > 0)
    let both = try train("--no-weights --keep-weights")
    #expect(both.exitCode == 2 && both.messages.contains("exclude each other"))
  }

  /// A results folder may hold anything, an experiment say; none of it is touched.
  @Test func nothingOfTheUsersIsOverwritten() throws {
    let folder = scratch.url.appending(path: "mine")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let own = try scratch.write("{\"question\": \"mine\"}", to: "mine/experiment.json")
    let outcome = try train("--results mine")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(try String(contentsOfFile: own, encoding: .utf8) == "{\"question\": \"mine\"}")
    #expect(try RunDirectory.records(in: folder.path).map(\.experiment) == ["mine"])
  }

  @Test func refusedInputLeavesNothingBehind() throws {
    let outcome = try train("--results new --set training.epoch=3")
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains("the run: training.epoch: unknown field"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == [])
  }

  @Test func theHelpShowsWhatIsRequired() throws {
    let help = try Tool.output("train", "--help")
    #expect(help.contains(" --dataset KIND ") && !help.contains("[--dataset KIND]"))
    #expect(!help.contains("--jobs"))
  }
}
