// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// Forecasts, sets of best rows, effects and learning rates on the command line.
@Suite struct ComparisonCommandTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private static func path(_ name: String) -> String { root.appending(path: name).path }

  @Test("--simulate says what planned seeds find, and trains nothing")
  func simulate() throws {
    let experiment = Self.path("Experiments/quickstart/experiment.json")
    let folder = try ScratchFolder()
    let results = folder.url.appending(path: "none").path
    let text = try Tool.output("run", experiment, "--simulate", "--results", results)
    #expect(text.contains("all pairs (Tukey)") && text.contains("seeds for 0.5 points"))
    #expect(text.contains("7 seeds and 2,048 test images, 7 arms"))
    #expect(text.contains("Variances of Results/quickstart: 14 rows of 7 seeds"))
    #expect(!FileManager.default.fileExists(atPath: results))
    let like = try Tool.output(
      "run", experiment, "--simulate", "--like", Self.path("Results/cifar10-continuum"),
      "--set", "reference=regular-conv")
    #expect(like.contains("cifar10-continuum: 6 rows of 2 seeds"))
    for (words, says) in [
      (["--like", results], "--like means nothing without"),
      (["--simulate", "--like", results], results),
      (["--simulate", "--set", "reference=regular-con"], "did you mean \"regular-conv\"?"),
    ] {
      let outcome = try Tool.run(["run", experiment] + words)
      #expect(outcome.exitCode == 2, "\(words)")
      #expect(outcome.messages.contains(says), "\(words): \(outcome.messages)")
    }
  }

  @Test("the committed runs are compared by seed and image")
  func committed() throws {
    let text = try Tool.output(
      "table", Self.path("Results/cifar10-continuum"), "--against", "regular-conv", "--best")
    #expect(text.contains("over seeds and 10,000 test images (two-way random effects)"))
    #expect(text.contains("3 of 6 rows cannot be told from the best"))
    let effects = try Tool.output(
      "effects", Self.path("Results/quickstart"), "--slope", "segmentWidth", "--format", "csv")
    #expect(effects.split(separator: "\n").count == 1 + 2 + 1)
    #expect(effects.contains("effect,λ = 0,5,7,-0.0655"))
  }

  @Test("what has no slope, no grid or no question is refused")
  func refusals() throws {
    let folder = try ScratchFolder()
    try folder.addResults()
    let results = folder.url.appending(path: "Results/quickstart").path
    let cases: [(words: [String], says: String)] = [
      (["effects", results], "needs one of --slope SETTING and --interaction A,B"),
      (
        ["effects", results, "--slope", "segmentWidth", "--where", "block=regular-conv"],
        "needs rows that differ in it"
      ),
      (["effects", results, "--interaction", "block"], "must be two settings"),
      (["effects", results, "--interaction", "block,lambda"], "needs two values of block"),
      (["rates", results], "no run has the metric \"validation/top1\""),
      (["rates", results, "--metric", "test/top1", "--over", "lambda"], "there is no grid"),
    ]
    for (words, says) in cases {
      let outcome = try Tool.run(words)
      #expect(outcome.exitCode == 2, "\(words)")
      #expect(outcome.messages.contains(says), "\(words): \(outcome.messages)")
    }
    try folder.addRates()
    let rates = try Tool.output("rates", folder.url.appending(path: "Results/rates").path)
    #expect(rates.contains("separable-conv") && rates.contains("3 trials"))
    let best = try Tool.output("table", results, "--best")
    #expect(best.contains("may be best") && best.contains("run files hold no predictions"))
  }
}
