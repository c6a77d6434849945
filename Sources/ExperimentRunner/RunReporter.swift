// SPDX-License-Identifier: Apache-2.0

import Foundation
import Training

/// What a run tells of itself while it goes on: its step about twice a second, and every evaluation.
struct RunReporter {
  private let run: PlannedRun
  private var lastReport: SuspendingClock.Instant?
  private var evaluations: Int
  /// Of the steps since the last evaluation.
  private var images = 0
  private var seconds = 0.0

  init(_ run: PlannedRun, _ trainer: Trainer) {
    self.run = run
    evaluations = Self.evaluations(trainer)
  }

  /// - Parameter duration: of the step, with whatever was evaluated after it.
  /// - Returns: false where whoever listens wants no more.
  mutating func stepped(
    _ trainer: Trainer, duration: Duration, _ report: (RunEvent) -> Bool
  ) -> Bool {
    // The last step of an epoch may hold an evaluation.
    if trainer.step % trainer.stepsPerEpoch != 0 || trainer.stepsPerEpoch == 1 {
      images += run.training.batch
      seconds += duration / .seconds(1)
    }
    var goesOn = true
    if Self.evaluations(trainer) > evaluations {
      evaluations = Self.evaluations(trainer)
      goesOn = report(event(.evaluation, trainer))
      (images, seconds) = (0, 0)
    }
    let now = SuspendingClock.now
    if lastReport.map({ now - $0 > .milliseconds(500) }) ?? true {
      lastReport = now
      goesOn = report(event(.progress, trainer)) && goesOn
    }
    return goesOn
  }

  private func event(_ kind: RunEvent.Kind, _ trainer: Trainer) -> RunEvent {
    var event = RunEvent(kind, run: run.id)
    (event.step, event.steps) = (trainer.step, trainer.totalSteps)
    (event.epoch, event.epochs) = (trainer.epoch, run.training.epochs)
    event.trainLoss = trainer.recentLoss
    if seconds > 0 { event.imagesPerSecond = Double(images) / seconds }
    if let name = Self.set(trainer), let accuracy = trainer.curves["\(name)/top1"]?.last {
      (event.accuracy, event.accuracyName) = (accuracy, "\(name)/top1")
    }
    return event
  }

  /// The set that runs are watched on: validation where there is one.
  private static func set(_ trainer: Trainer) -> String? {
    ["validation", "test"].first { trainer.curves["\($0)/epoch"] != nil }
  }

  private static func evaluations(_ trainer: Trainer) -> Int {
    set(trainer).flatMap { trainer.curves["\($0)/epoch"]?.count } ?? 0
  }
}
