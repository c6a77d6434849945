// SPDX-License-Identifier: Apache-2.0

import Datasets
import Settings
import Testing
import Training

/// What a training tells of itself: curves and final values of every set, each measured once.
@Suite struct RecordingTests {
  /// Five epochs of three steps, evaluated after the second, the fourth and the last.
  private static let settings: JSON = [
    "epochs": 5, "batch": 8, "evaluateEveryEpochs": 2, "averaging": 0.5,
    "optimizer": ["kind": "adamw", "learningRate": 0.03],
  ]

  private static func finished(_ data: DatasetSplits) throws -> Trainer {
    let trainer = try TinyTask.trainer(settings, data: data)
    while !trainer.isFinished { try trainer.trainStep() }
    return trainer
  }

  @Test func bothSetsAreRecordedAtEveryEvaluation() throws {
    let trainer = try Self.finished(TinyTask.splits(validation: 7))
    for set in ["validation", "test"] {
      #expect(trainer.curves["\(set)/epoch"] == [2, 4, 5])
      for name in ["loss", "top1", "top5"] {
        #expect(trainer.curves["\(set)/\(name)"]?.count == 3, "\(set)/\(name)")
      }
    }
    // Of four classes, the first five are all.
    #expect(trainer.curves["test/top5"] == [1, 1, 1])
    #expect(trainer.curves["test/loss"] != trainer.curves["validation/loss"])
    let alone = try Self.finished(TinyTask.splits())
    #expect(alone.curves["test/epoch"] == [2, 4, 5])
    let names = Array(alone.curves.keys) + Array(alone.metrics.keys)
    #expect(names.filter { $0.hasPrefix("validation/") } == [])
  }

  @Test func theFinalValuesAreThoseOfTheLastEpoch() throws {
    let trainer = try Self.finished(TinyTask.splits(validation: 7))
    let names = [
      "train/loss", "train/top1", "train/top5", "validation/loss", "validation/top1",
      "validation/top5",
      "test/loss", "test/top1", "test/top5",
    ]
    #expect(trainer.metrics.keys.sorted() == names.sorted())
    for name in names {
      #expect(trainer.metrics[name] == trainer.curves[name]?.last, "\(name)")
    }
    let evaluation = try trainer.evaluateOnTest()
    #expect(trainer.metrics["test/loss"] == evaluation.loss)
    #expect(trainer.metrics["test/top1"] == evaluation.top1)
    #expect(trainer.metrics["test/top5"] == evaluation.top5)
  }

  /// One that goes on from the end has nothing left of the evaluation and makes it again.
  @Test func theLastEvaluationIsTheSameWhenMadeAgain() throws {
    let trainer = try Self.finished(TinyTask.splits(validation: 7))
    let again = try TinyTask.trainer(Self.settings)
    try again.restore(trainer.snapshot())
    #expect(again.lastEvaluation == nil)
    #expect(again.metrics == trainer.metrics)
    let (first, second) = (try trainer.evaluateOnTest(), try again.evaluateOnTest())
    #expect(first.probabilities == second.probabilities)
    #expect(first.losses == second.losses && first.loss == second.loss)
  }

  @Test func whoWatchesIsToldAfterEveryEvaluation() throws {
    let trainer = try TinyTask.trainer(Self.settings)
    var told: [EpochEvaluation] = []
    while !trainer.isFinished {
      let before = trainer.lastEvaluation
      try trainer.trainStep()
      if let now = trainer.lastEvaluation, now != before { told.append(now) }
    }
    #expect(told.map(\.epoch) == [2, 4, 5])
    let last = try #require(told.last)
    #expect(last.trainLoss == trainer.metrics["train/loss"])
    #expect(last.trainTop1 == trainer.metrics["train/top1"])
    #expect(last.validation?.top1 == trainer.metrics["validation/top1"])
    #expect(last.validation?.loss == trainer.metrics["validation/loss"])
    #expect(last.test.loss == trainer.metrics["test/loss"])
    #expect(last.test.top5 == trainer.metrics["test/top5"])
  }

  /// Checkpoints of before 2026-12 lack the test set's curves: the run begins afresh.
  @Test func aSnapshotWithOtherCurvesIsForeign() throws {
    let trainer = try TinyTask.trainer(Self.settings)
    while trainer.step < 7 { try trainer.trainStep() }
    let own = trainer.snapshot()
    var old = own
    old.curves = old.curves.filter { !$0.key.hasPrefix("test/") }
    var short = own
    short.curves["train/loss"]?.removeLast()
    for snapshot in [old, short] {
      #expect(throws: TrainingError.foreignSnapshot("its curves are not those of 7 steps")) {
        try trainer.restore(snapshot)
      }
      let isUntouched = trainer.snapshot() == own
      #expect(isUntouched)
    }
  }

  @Test func imagesThatFillNoBatchAreSaid() throws {
    let trainer = try TinyTask.trainer(["batch": 7])
    #expect(trainer.droppedImagesPerEpoch == 3)
    #expect(trainer.stepsPerEpoch == 3)
    let settings = try TinyTask.settings(["batch": 7])
    #expect(
      settings.droppedImagesNote(of: 24)
        == "every epoch leaves out 3 images of 24, other ones each time: they fill no batch of 7")
    #expect(settings.droppedImagesNote(of: 22)?.contains(" leaves out 1 image of 22,") == true)
    #expect(settings.droppedImagesNote(of: 21) == nil)
    #expect(try TinyTask.trainer(["batch": 8]).droppedImagesPerEpoch == 0)
  }
}
