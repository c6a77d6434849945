// SPDX-License-Identifier: Apache-2.0

import Settings
import TestSupport
import Testing
import Training

/// A training that stops anywhere and goes on elsewhere ends in the same bits.
@Suite struct SnapshotTests {
  private static let optimizers: [JSON] = [
    ["kind": "sgd", "learningRate": 0.05, "nesterov": true], ["kind": "rmsprop"],
    ["kind": "adamw", "learningRate": 0.01],
  ]

  /// Three epochs of three steps.
  private static func settings(_ optimizer: JSON) -> JSON {
    [
      "epochs": 3, "batch": 8, "averaging": 0.9, "labelSmoothing": 0.1, "optimizer": optimizer,
      "weightDecay": 1e-3, "evaluateEveryEpochs": 2,
    ]
  }

  @Test(arguments: optimizers)
  func anyStepIsAGoodPlaceToStop(_ optimizer: JSON) throws {
    let settings = Self.settings(optimizer)
    let calm = try TinyTask.trainer(settings)
    var snapshots = [calm.snapshot()]
    while !calm.isFinished {
      try calm.trainStep()
      snapshots.append(calm.snapshot())
    }
    #expect(snapshots.count == 10)
    let evaluation = try calm.evaluateOnTest()
    #expect(evaluation.probabilities.count == 9 * 4)
    for (position, snapshot) in snapshots.enumerated() {
      let other = try TinyTask.trainer(settings, threads: 1 + position % 2)
      // Steps of its own, to be forgotten.
      for _ in 0..<(position % 4) { try other.trainStep() }
      try other.restore(snapshot)
      let isRestored = other.snapshot() == snapshot
      #expect(isRestored)
      while !other.isFinished { try other.trainStep() }
      let isSame = other.snapshot() == calm.snapshot()
      #expect(isSame, "from step \(position)")
      let again = try other.evaluateOnTest()
      #expect(again.probabilities == evaluation.probabilities)
      #expect(again.loss == evaluation.loss)
    }
  }

  /// The options of fast trainings, all of them together, on one thread and on two.
  @Test func optionsOfFastTrainingsGoOnInTheSameBits() throws {
    var settings = Self.settings(["kind": "sgd", "learningRate": 0.05, "nesterov": true])
    for (name, value) in [
      ("identityKernels", true), ("whiteningStem", true), ("testTimeFlip", true),
      ("biasRateFactor", 16), ("scaleRateFactor", 0.5),
    ] as [(String, JSON)] {
      settings = settings.setting(name, to: value)
    }
    let calm = try TinyTask.trainer(settings, alternates: true)
    var snapshots = [calm.snapshot()]
    while !calm.isFinished {
      try calm.trainStep()
      snapshots.append(calm.snapshot())
    }
    #expect(snapshots.count == 10)
    for (position, snapshot) in snapshots.enumerated() {
      let other = try TinyTask.trainer(settings, threads: 1 + position % 3, alternates: true)
      let beginsAlike = other.snapshot() == snapshots[0]
      #expect(beginsAlike)
      try other.restore(snapshot)
      while !other.isFinished { try other.trainStep() }
      let isSame = other.snapshot() == calm.snapshot()
      #expect(isSame, "from step \(position)")
      #expect(try other.evaluateOnTest().logits == calm.evaluateOnTest().logits)
      #expect(try other.evaluateOnTest().probabilities == calm.evaluateOnTest().probabilities)
    }
  }

  @Test func curvesHaveAnEntryAnEpoch() throws {
    let trainer = try TinyTask.trainer(Self.settings(["kind": "sgd"]))
    while !trainer.isFinished { try trainer.trainStep() }
    let counts = trainer.curves.mapValues(\.count)
    // Evaluations after the second epoch and at the end.
    #expect(
      counts == [
        "train/loss": 3, "train/top1": 3, "train/top5": 3, "learningRate": 3,
        "validation/epoch": 2,
        "validation/loss": 2, "validation/top1": 2, "validation/top5": 2, "test/epoch": 2,
        "test/loss": 2, "test/top1": 2, "test/top5": 2,
      ])
    #expect(trainer.curves["validation/epoch"] == [2, 3])
    #expect(trainer.curves["test/epoch"] == [2, 3])
    let isFinite = trainer.curves.values.joined().allSatisfy { $0.isFinite }
    #expect(isFinite)
  }

  @Test func foreignSnapshotsAreRefused() throws {
    let trainer = try TinyTask.trainer(Self.settings(["kind": "sgd"]))
    try trainer.trainStep()
    let own = trainer.snapshot()
    let adam = try TinyTask.trainer(Self.settings(["kind": "adamw"])).snapshot()
    var short = own
    short.tensors["average"]?.removeLast()
    var late = own
    late.step = 10
    let cases: [(TrainingSnapshot, String)] = [
      (adam, "the checkpoint does not fit: it holds average, optimizer/0, optimizer/1, weights"),
      (short, "the checkpoint does not fit: average has another length than"),
      (late, "the checkpoint does not fit: step 10 of 9"),
    ]
    for (snapshot, text) in cases {
      let error = #expect(throws: TrainingError.self) { try trainer.restore(snapshot) }
      let message = error?.description ?? ""
      #expect(message.hasPrefix(text), "\(message)")
      let isUntouched = trainer.snapshot() == own
      #expect(isUntouched)
    }
  }
}
