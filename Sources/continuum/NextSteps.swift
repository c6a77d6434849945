// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation

/// Command lines that go on with a network that `train` has trained.
struct NextSteps {
  private let run: PlannedRun
  private let sweep: Sweep
  private let arguments: Arguments

  init(_ run: PlannedRun, _ sweep: Sweep, _ arguments: Arguments) {
    (self.run, self.sweep, self.arguments) = (run, sweep, arguments)
  }

  var commands: [String] {
    (sweep.keepsWeights ? [evaluate, predict] : []) + [moreSeeds]
  }

  private var evaluate: String {
    var words = ["evaluate"] + weights + ["--dataset", run.data.kind]
    for setting in arguments[SweepFlags.settings] where setting.hasPrefix("data.") {
      words += ["--set", String(setting.dropFirst("data.".count))]
    }
    if let directory = sweep.dataDirectory { words += ["--data", directory] }
    return Self.line(words)
  }

  private var predict: String {
    guard run.data.origin == .folder, let folder = run.data.path else {
      let size = run.data.imageSize
      return Self.line(["predict"] + weights + ["--input", "IMAGES.h5"])
        + "  # /images, float32 [N, \(size.height), \(size.width), \(size.channels)]"
    }
    return Self.line(["predict"] + weights + ["--input", folder])
  }

  /// The same run with several seeds: means and intervals.
  private var moreSeeds: String {
    var words: [String] = []
    var rest = CommandLine.arguments.dropFirst()
    while let word = rest.popFirst() {
      let isSet = word == "--set" && rest.first?.hasPrefix("seeds=") == true
      if isSet || ["--seed", "--again"].contains(word) {
        rest = rest.dropFirst()
      } else if !["--seed=", "--again=", "--set=seeds="].contains(where: word.hasPrefix) {
        words.append(word)
      }
    }
    return Self.line(words + ["--set", "seeds=5"])
  }

  /// The run's weights, which know their network.
  private var weights: [String] { ["--weights", sweep.results.run(run.id)] }

  /// What a shell takes for these words.
  private static func line(_ words: [String]) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=,:+@%")
    let quoted = words.map { word in
      !word.isEmpty && word.allSatisfy(plain.contains)
        ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
    return (["continuum"] + quoted).joined(separator: " ")
  }
}
