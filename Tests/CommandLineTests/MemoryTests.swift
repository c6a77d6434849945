// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// What takes more memory than any machine has is refused in one line, before anything is begun.
@Suite struct MemoryTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// The one message of a refusal.
  private func refusal(_ words: [String]) throws -> String {
    let outcome = try Tool.run(words, in: scratch.url)
    #expect(!outcome.wasKilled)
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messageLines.count == 1, "\(outcome.messages)")
    return outcome.messageLines.last ?? ""
  }

  @Test(arguments: [["--mode", "train"], ["--mode", "infer"], ["--plain"], ["--profile"]])
  func benchRefusesALargeBatch(_ options: [String]) throws {
    let message = try refusal(["bench", "xception", "--batch", "200000"] + options)
    let work = options.contains("infer") ? "inference" : "a training step"
    #expect(message.hasPrefix("continuum bench: xception: \(work) with batch 200000 takes "))
    #expect(message.contains(#/takes \d+\.\d TB; \d+\.\d [MGT]B are free; /#))
    #expect(message.contains(#/; (batch \d+ fits|not even batch 1 fits)$/#))
  }

  @Test(arguments: ["1000000000000", "\(Int.max)"])
  func absurdBatchesAreRefusedAlike(_ batch: String) throws {
    let message = try refusal(["bench", "xception", "--batch", batch])
    #expect(message.contains("a training step with batch \(batch) takes more than can be counted;"))
    #expect(message.contains("are free; "))
    for words in [
      ["bench", "xception", "--plan", "--batch", batch],
      ["describe", "xception", "--batch", batch],
      ["train", "probe", "--dataset", "coupling", "--batch", batch],
    ] {
      #expect(try refusal(words).contains("--batch"))
    }
    #expect(try refusal(["bench", "stack", "--batch", "\(batch)0000000"]).contains("whole number"))
  }

  /// What `describe` tells is what a process then takes, but for what its libraries differ in.
  @Test func describeTellsWhatBenchTakes() throws {
    let network = #"{"network": "stack", "width": 24}"#
    let told = try Tool.json("describe", network, "--batch", "64", "--threads", "1")
    let taken = try Tool.json(
      "bench", network, "--batch", "64", "--rounds", "1", "--threads", "1", "--quiet")
    let bytes = try #require(told["training.memoryBytes"]?.integerValue)
    let peak = try #require(taken["peakMemoryBytes"]?.integerValue)
    #expect(bytes > 100 << 20)
    // Only Linux tells the peak.
    if peak > 0 { #expect(abs(peak - bytes) < 64 << 20, "\(peak) for \(bytes)") }
  }

  @Test func trainRefusesBeforeItBegins() throws {
    let network = #"{"network": "stack", "width": 8192, "block": {"kind": "regular-conv"}}"#
    let message = try refusal(["train", network, "--dataset", "coupling"])
    #expect(
      message.hasPrefix(
        "continuum train: stack, regular-conv, between none, width 8192: training with batch 64 "
          + "takes 1.8 TB; "))
    #expect(message.hasSuffix("; not even batch 1 fits"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == [])
  }

  /// One point of the sweep is too large: none of the others begins.
  @Test func aSweepRefusesBeforeItBegins() throws {
    let file = try scratch.write(
      """
      {"question": "Does it fit?", "network": {"network": "stack", "block": {"kind": "regular-conv"}},
       "data": {"kind": "coupling", "train": 64, "test": 64, "calibrationImages": 256},
       "training": {"epochs": 1, "batch": 16}, "vary": {"network.width": [4, 8192]}}
      """, to: "experiment.json")
    for options in [[], ["--jobs", "2"]] {
      let message = try refusal(["run", file, "--results", "results"] + options)
      #expect(message.hasPrefix("continuum run: stack, width 8192: "))
      #expect(message.contains("training with batch 16 takes "))
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.url.path)
    #expect(names == ["experiment.json"])
    let plan = try Tool.run(["run", file, "--dry-run", "--quiet"], in: scratch.url)
    #expect(plan.exitCode == 0)
    #expect(plan.output.contains("here `run` would refuse it: stack, width 8192: "))
  }

  /// A thousand large pictures at a time.
  @Test func picturesThatDoNotFitAreRefused() throws {
    try scratch.addWeights()
    let manager = FileManager.default
    for label in 0..<10 {
      let folder = scratch.url.appending(path: "pictures/class\(label)")
      for copy in 2..<100 {
        try manager.linkItem(
          at: folder.appending(path: "0.png"), to: folder.appending(path: "\(copy).png"))
      }
    }
    for command in ["evaluate", "predict"] {
      let message = try refusal([
        command, "probe", "--weights", "probe.h5", "--input", "pictures", "--preprocessing",
        #"{"size": 2048}"#, "--batch", "\(Int.max)",
      ])
      #expect(
        message.contains(
          #/^continuum \w+: probe: inference with batch 1000 takes \d\.\d TB; .* are free; /#),
        "\(message)")
    }
    let small = try Tool.run(
      [
        "evaluate", "probe", "--weights", "probe.h5", "--input", "pictures", "--batch", "7",
        "--preprocessing", #"{"size": 16}"#, "--quiet",
      ], in: scratch.url)
    #expect(small.exitCode == 0 && small.output.contains("1,000 images"), "\(small.messages)")
    let none = try refusal([
      "predict", "probe", "--weights", "probe.h5", "--input", "pictures",
      "--batch", "0",
    ])
    #expect(none.contains("--batch"))
  }
}
