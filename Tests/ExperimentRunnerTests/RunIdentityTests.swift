// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Settings
import Testing

/// A run's identifier changes with whatever can change its result, and with nothing else.
@Suite struct RunIdentityTests {
  private static func run(_ overrides: String...) throws -> PlannedRun {
    try #require(ExperimentText.experiment(overrides: overrides).runs().first)
  }

  @Test(arguments: [
    "data.lambda=0.5", "data.train=256", "data.seed=1", "data.validation=16",
    "data.standardize=false", "data.bestPossibleAccuracy=0.9", "data.calibrationImages=512",
    "data.size=8", "network.width=8", "network.network=stack", "network.block.kind=regular-conv",
    "network.block.between=relu", "network.block.kernel=5", "network.block.depthMultiplier=2",
    "network.batchNormEpsilon=0.01", "network.runningDecay=0.9", "training.epochs=7",
    "training.batch=8", "training.averaging=0.8", "training.averaging=null",
    "training.optimizer.learningRate=0.02", "training.optimizer.beta1=0.8",
    "training.optimizer.beta2=0.9", "training.optimizer.epsilon=0.1",
    "training.optimizer.kind=rmsprop", "training.schedule.kind=constant",
    "training.schedule.warmupEpochs=1", "training.schedule.finalFraction=0.1",
    "training.weightDecay=0.1", "training.weightDecayOn=all", "training.labelSmoothing=0.1",
    "training.initializer=he-normal", "training.evaluateEveryEpochs=2", "seeds=[1]",
    "training.identityKernels=true", "training.whiteningStem=true", "training.biasRateFactor=64",
    "training.scaleRateFactor=2",
  ])
  func whatChangesResultsChangesTheIdentifier(_ override: String) throws {
    #expect(try Self.run(override).id != Self.run().id)
  }

  @Test(arguments: [
    "question=Another?", "seeds=[0, 1, 2]", "seeds=[0]",
    // What the defaults are anyway, said aloud.
    "network.block.between=none", "network.block.kernel=3", "training.weightDecay=0",
    "training.labelSmoothing=0.0", "training.schedule={\"kind\": \"cosine\"}", "data.lambda=0.0",
    "training.epochs=6.0", "training.optimizer.beta1=0.9", "data.validation=0", "version=1",
    "training.identityKernels=false", "training.whiteningStem=false", "training.biasRateFactor=1",
    "training.scaleRateFactor=1.0", "training.testTimeFlip=false",
  ])
  func whatDoesNotChangeResultsDoesNot(_ override: String) throws {
    #expect(try Self.run(override).id == Self.run().id)
  }

  /// A width that a budget found is the same run as that width asked for.
  @Test func aBudgetIsNoPartOfTheIdentity() throws {
    let matched = try Self.run("budget={\"target\": 400}", "network.width=null")
    let width = try #require(matched.labels.first { $0.name == "width" }).value
    #expect(width != "6")
    #expect(try Self.run("network.width=\(width)").id == matched.id)
  }

  @Test func theConfigurationSaysEverything() throws {
    let run = try Self.run()
    let json = try JSON(text: run.configuration, source: "configuration")
    #expect(json.canonicalText == run.configuration)
    for path in [
      "seed", "data.kind", "data.lambda", "network.network", "network.width",
      "network.block.kind", "network.batchNormEpsilon", "training.epochs",
      "training.optimizer.beta1", "training.schedule.kind", "training.weightDecayOn",
    ] {
      #expect(json[path] != nil, "\(path)")
    }
  }

  /// The identifier is what `sha256sum` says of the configuration.
  @Test func theIdentifierIsAHashOfTheConfiguration() throws {
    let run = try Self.run()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    try input.fileHandleForWriting.write(contentsOf: Data(run.configuration.utf8))
    try input.fileHandleForWriting.close()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(run.id.count == 16)
    #expect(text.hasPrefix(run.id))
  }
}
