// SPDX-License-Identifier: Apache-2.0

import Datasets
import Settings
import TestSupport
import Testing
import Training

/// Trainings that cannot go on say why; settings that cannot be are refused by name.
@Suite struct FailureTests {
  /// A decay of 1 at a rate of 1000 makes every kernel a thousand times larger, step by step. No
  /// evaluation comes before the loss that shows it.
  @Test func aLossThatIsNotFiniteNamesStepAndOp() throws {
    let trainer = try TinyTask.trainer([
      "epochs": 40, "batch": 8, "weightDecay": 1, "evaluateEveryEpochs": 40,
      "optimizer": ["kind": "sgd", "learningRate": 1000, "momentum": 0],
    ])
    let names = try TinyTask.graph(TinyTask.stack).nodes.map(\.name)
    let error = #expect(throws: TrainingError.self) {
      while !trainer.isFinished { try trainer.trainStep() }
    }
    guard case .notFinite(let step, let op)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(step > 0)
    #expect(step == trainer.step)
    #expect(names.contains(op))
    #expect(op != "input")
    #expect(
      error?.description
        == "the loss is not finite at step \(step); the first output that is not: \(op)")
  }

  @Test func anImageThatIsNotFiniteNamesTheInput() throws {
    let images = TinyTask.images(24, "train")
    guard case .floats(var pixels) = images.pixels else { return }
    pixels[100] = .infinity
    let broken = ImageSet(
      size: images.size, classNames: images.classNames, labels: images.labels,
      pixels: .floats(pixels))
    let data = DatasetSplits(
      name: "broken", train: broken, validation: nil, test: TinyTask.images(4, "test"))
    let trainer = try Trainer(
      TinyTask.graph(), data: data, standardization: nil, augmentation: nil,
      settings: TinyTask.settings(["epochs": 1, "batch": 24]), seed: 0, threads: 1)
    #expect(throws: TrainingError.notFinite(step: 0, op: "input")) { try trainer.trainStep() }
  }

  @Test func aBatchLargerThanTheSetIsRefused() throws {
    let error = #expect(throws: TrainingError.self) {
      try TinyTask.trainer(["batch": 25])
    }
    #expect(error?.description == "training.batch is 25; it must be at most the 24 training images")
  }

  /// Whoever trains without having looked at the demand is told which settings would take less.
  @Test func memoryThatIsNotThereIsAnError() throws {
    let network: JSON = ["network": "stack", "width": 8192, "block": ["kind": "regular-conv"]]
    let error = #expect(throws: TrainingError.self) {
      try Trainer(
        TinyTask.graph(network), data: TinyTask.splits(), standardization: nil,
        augmentation: nil, settings: TinyTask.settings(["batch": 12]), seed: 0, threads: 1)
    }
    guard case .outOfMemory(let bytes)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(
      error?.description
        == "the system refused \(bytes) bytes of memory; a smaller training.batch, network.width or "
        + "image takes less")
  }

  @Test func badSettingsNameFieldValueAndRule() {
    let cases: [(JSON, String)] = [
      (["epoch": 3], "test: epoch: unknown field"),
      (["epoch": 3], "(did you mean \"epochs\"?)"),
      (["epochs": 0], "test: epochs is 0; it must lie between 1 and 100000"),
      (["batch": 1.5], "test: batch is 1.5; it must be a whole number"),
      (["weightDecay": -1], "test: weightDecay is -1; it must lie between"),
      (["weightDecayOn": "kernel"], "must be one of: kernels, kernels-but-depthwise, all"),
      (["weightDecayOn": "kernel"], "(did you mean \"kernels\"?)"),
      (["labelSmoothing": 1], "test: labelSmoothing is 1; it must lie between"),
      (["optimizer": "sgd"], "test: optimizer is \"sgd\"; it must be an object"),
      (["optimizer": ["kind": "adam"]], "test: optimizer.kind is \"adam\"; it must be one of"),
      (["optimizer": ["kind": "adam"]], "(did you mean \"adamw\"?)"),
      (["optimizer": ["kind": "sgd", "beta1": 0.9]], "test: optimizer.beta1: unknown field"),
      (["optimizer": ["momentum": 1]], "test: optimizer.momentum is 1; it must lie between"),
      (["schedule": ["kind": "cosin"]], "(did you mean \"cosine\"?)"),
      (["schedule": ["kind": "cosine", "factor": 0.9]], "test: schedule.factor: unknown field"),
      (["averaging": true], "test: averaging is true; it must be a number"),
      (["initializer": "glorot"], "must be one of: glorot-uniform, he-normal"),
    ]
    for (json, text) in cases {
      let error = #expect(throws: SettingsError.self) { try TinyTask.settings(json) }
      let message = error?.description ?? ""
      #expect(message.contains(text), "\(message)")
    }
  }

  /// What a run file records is enough to ask for the same run again.
  @Test func recordedSettingsReadBackAsTheSame() throws {
    for json in [
      [:], ["optimizer": ["kind": "rmsprop", "epsilon": 1]],
      [
        "optimizer": ["kind": "adamw", "beta1": 0.5], "averaging": 0.99,
        "schedule": ["kind": "exponential", "factor": 0.5],
      ],
      ["schedule": ["kind": "cosine", "warmupEpochs": 2], "weightDecayOn": "all"],
    ] as [JSON] {
      let settings = try TinyTask.settings(json)
      let again = try TinyTask.settings(settings.settings)
      #expect(again == settings)
      #expect(again.settings.canonicalText == settings.settings.canonicalText)
    }
  }
}
