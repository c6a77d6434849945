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
    #expect(outcome.output.contains("| separable-conv |"))
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
