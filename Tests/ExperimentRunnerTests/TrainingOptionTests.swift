// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Settings
import Testing

/// Options of training that some points cannot have, and what a run's identity says of them.
@Suite struct TrainingOptionTests {
  private static let photographs = #"data={"kind": "cifar-10"}"#

  @Test func texturesAreNotMirrored() throws {
    let message = try ExperimentText.message(overrides: ["training.testTimeFlip=true"])
    #expect(
      message == "FILE: training.testTimeFlip is true; it must be absent: a mirrored texture "
        + "leaves its class")
  }

  @Test(arguments: ["identityKernels", "whiteningStem"])
  func aFilesWeightsLeaveNothingToBegin(_ option: String) throws {
    let message = try ExperimentText.message(
      overrides: ["training.\(option)=true", "transfer={\"weights\": \"\(#filePath)\"}"])
    #expect(
      message.hasPrefix("FILE: training.\(option) is true; it must be absent beside transfer"))
  }

  @Test(arguments: [
    ("training.whiteningStems=true", "did you mean \"whiteningStem\"?"),
    ("training.biasRateFactor=0", "must lie between 0.001 and 1000"),
    ("training.testTimeFlip=1", "must be true or false"),
    ("data.augmentation.alternatingFlips=true", "did you mean \"alternatingFlip\"?"),
  ])
  func wrongWordsAndValuesAreNamed(_ override: String, _ text: String) throws {
    let message = try ExperimentText.message(overrides: [Self.photographs, override])
    #expect(message.contains(text), "\(message)")
  }

  /// Both lie outside what textures can have.
  @Test func flipsOfPhotographsAreOtherRuns() throws {
    let plain = try ExperimentText.experiment(overrides: [Self.photographs]).runs()
    for override in ["training.testTimeFlip=true", "data.augmentation.alternatingFlip=true"] {
      let other = try ExperimentText.experiment(overrides: [Self.photographs, override]).runs()
      #expect(other.map(\.id) != plain.map(\.id))
    }
  }

  /// The runs whose files are committed were made before there were these options.
  @Test(arguments: ["quickstart", "cifar10-continuum"])
  func olderRunsKeepTheirIdentifiers(_ name: String) throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let experiment = try Experiment(path: root.appending(path: "Experiments/\(name)").path)
    let files = try FileManager.default.contentsOfDirectory(
      atPath: root.appending(path: "Results/\(name)/runs").path)
    let runs = try experiment.runs().map { "\($0.id).h5" }
    #expect(runs.count > 10)
    #expect(Set(runs) == Set(files))
  }
}
