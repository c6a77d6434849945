// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing
import Training

/// The learning rate's course at points that are known.
@Suite struct ScheduleTests {
  /// Factors at epochs of a run of ten epochs with four steps each.
  private static func factors(_ json: JSON, at epochs: [Double]) throws -> [Double] {
    var fields = try Fields(json, source: "test")
    let schedule = try Schedule(&fields)
    try fields.finish()
    return epochs.map { schedule.factor(epoch: $0, epochs: 10, stepsPerEpoch: 4) }
  }

  private static func expectClose(_ actual: [Double], _ expected: [Double]) {
    #expect(actual.count == expected.count)
    for (actual, expected) in zip(actual, expected) {
      #expect(abs(actual - expected) <= 1e-12)
    }
  }

  @Test func constantStays() throws {
    Self.expectClose(try Self.factors(["kind": "constant"], at: [0, 3.25, 9.75]), [1, 1, 1])
  }

  @Test func exponentialFallsInSteps() throws {
    let factors = try Self.factors(
      ["kind": "exponential", "factor": 0.94, "everyEpochs": 2],
      at: [0, 1.75, 2, 3.75, 4, 9.75])
    Self.expectClose(factors, [1, 1, 0.94, 0.94, 0.8836, 0.94 * 0.94 * 0.94 * 0.94])
  }

  @Test func cosineFallsToItsEnd() throws {
    Self.expectClose(try Self.factors(["kind": "cosine"], at: [0, 5, 10]), [1, 0.5, 0])
    Self.expectClose(
      try Self.factors(["kind": "cosine", "finalFraction": 0.2], at: [0, 5, 10]), [1, 0.6, 0.2])
  }

  @Test func warmUpRisesInAStraightLine() throws {
    // Eight steps of warm-up: 1/8, 2/8, …, 8/8; the cosine begins after it.
    let factors = try Self.factors(
      ["kind": "cosine", "warmupEpochs": 2], at: [0, 0.25, 1.75, 2, 6, 10])
    Self.expectClose(factors, [0.125, 0.25, 1, 1, 0.5, 0])
    Self.expectClose(
      try Self.factors(["kind": "constant", "warmupEpochs": 1], at: [0, 0.5, 0.75, 1]),
      [0.25, 0.75, 1, 1])
  }

  @Test func theTrainerFollowsTheSchedule() throws {
    let trainer = try TinyTask.trainer([
      "epochs": 3, "batch": 12, "optimizer": ["kind": "sgd", "learningRate": 0.02],
      "schedule": ["kind": "exponential", "factor": 0.5, "everyEpochs": 1],
    ])
    var rates: [Double] = []
    while !trainer.isFinished {
      rates.append(trainer.learningRate)
      try trainer.trainStep()
    }
    Self.expectClose(rates, [0.02, 0.02, 0.01, 0.01, 0.005, 0.005])
    Self.expectClose(trainer.curves["learningRate"] ?? [], [0.02, 0.01, 0.005])
  }
}
