// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// `run` on experiment files: which file is meant, what it says of its points.
@Suite struct ExperimentCommandTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    let folder = scratch.url.appending(path: "Experiments/foo")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = """
      {"data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64, "test": 32,
          "calibrationImages": 256},
        "network": {"network": "probe", "width": 4}, "training": {"epochs": 1, "batch": 32},
        "vary": {"network.block": [{"kind": "separable-conv"},
          {"kind": "separable-conv", "depthMultiplier": 2}, {"kind": "regular-conv", "kernel": 3},
          {"kind": "regular-conv", "kernel": 5}]}}
      """
    _ = try scratch.write(file, to: "Experiments/foo/experiment.json")
    _ = try scratch.write(file, to: "Experiments/foo/bar.json")
  }

  private func run(_ words: String...) throws -> Tool.Outcome {
    try Tool.run(["run"] + words, in: scratch.url)
  }

  @Test func everyPointHasARowOfItsOwn() throws {
    let outcome = try run("foo", "--dry-run")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    for name in [
      "separable-conv, kernel 3 ", "separable-conv, depthMultiplier 2, kernel 3 ",
      "regular-conv, kernel 3 ", "regular-conv, kernel 5 ",
    ] {
      #expect(outcome.output.contains("\n\(name)"), "\(outcome.output)")
    }
    #expect(outcome.output.contains("4 runs, 0 done"))
  }

  @Test func excludedPointsAreTold() throws {
    let outcome = try run(
      "foo", "--dry-run", "--set", #"exclude=[{"network.block.kernel": 5}]"#)
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("1 point is left out by exclude"))
    #expect(!outcome.output.contains("kernel 5"))
  }

  /// A budget that no width meets is no error, but nobody learns of it from a table alone.
  @Test func pointsFarFromTheBudgetAreTold() throws {
    let budget = ["--set", "network.width=null", "--set", #"budget={"target": 10}"#]
    for words in [["--dry-run"], []] {
      let outcome = try Tool.run(["run", "foo"] + words + budget, in: scratch.url)
      #expect(outcome.exitCode == 0, "\(outcome.messages)")
      let told = outcome.messageLines.filter { $0.contains("budget by more than 25 %") }
      #expect(told.count == 1 && told[0].contains("4 points miss the budget"), "\(told)")
      #expect(told.first?.contains("; 1 more. budget.within=0.25 would refuse them") == true)
    }
  }

  @Test func resultsGoByTheFilesName() throws {
    let manager = FileManager.default
    for (word, name) in [("foo/bar", "bar"), ("foo", "foo")] {
      let outcome = try run(
        word, "--quiet", "--set", #"vary.network.block=[{"kind": "separable-conv"}]"#)
      #expect(outcome.exitCode == 0, "\(outcome.messages)")
      let results = scratch.url.appending(path: "Results/\(name)/table.md").path
      #expect(manager.fileExists(atPath: results))
    }
  }

  @Test func everySettingIsListed() throws {
    let set = ["--set", "training.epochs=2", "--set", "vary.data.lambda=[0]"]
    let text = try Tool.run(["run", "foo", "--dry-run", "--resolved"] + set, in: scratch.url)
    #expect(text.exitCode == 0, "\(text.messages)")
    #expect(text.output.contains("regular-conv, kernel 5\n"))
    #expect(text.output.contains(#/training\.epochs +2 +--set/#))
    #expect(text.output.contains(#/network\.block\.kernel +5 +vary\n/#))
    #expect(text.output.contains(#/data\.lambda +0 +--set vary\n/#))
    #expect(text.output.contains(#/training\.weightDecay +0 +default/#))
    let outcome = try Tool.run(
      ["run", "foo", "--dry-run", "--resolved", "--format", "json"] + set, in: scratch.url)
    let json = try JSON(text: outcome.output, source: "output")
    guard case .array(let points)? = json["points"] else { throw CancellationError() }
    #expect(points.count == 4)
    #expect(points.first?["point"] == "separable-conv, kernel 3")
    guard case .array(let settings)? = points.first?["settings"] else { throw CancellationError() }
    #expect(settings.first { $0["path"] == "data.lambda" }?["from"] == "--set vary")
    #expect(settings.first { $0["path"] == "network.block.kernel" }?["from"] == "default")
  }

  @Test(arguments: [
    (["--resolved"], "--resolved means nothing without --dry-run"),
    (["--dry-run", "--format", "json"], "--format means nothing without --resolved"),
    (["--dry-run", "--set", "network.block.kernel=3"], "say --set 'vary.network.block=[…]'"),
  ])
  func wrongUsageIsRefused(_ words: [String], _ text: String) throws {
    let outcome = try Tool.run(["run", "foo"] + words, in: scratch.url)
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains(text), "\(outcome.messages)")
  }
}
