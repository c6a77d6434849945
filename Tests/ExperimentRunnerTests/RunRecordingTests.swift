// SPDX-License-Identifier: Apache-2.0

import Datasets
import ExperimentRunner
import Foundation
import Records
import Settings
import Testing
import Training
import Weights

/// What a run file says of how well the run did, and which runs are refused or fail.
@Suite struct RunRecordingTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  /// The record of the first run of the tests' experiment, with overrides.
  private func record(
    _ overrides: [String], report: (RunEvent) -> Bool = { _ in true }
  ) throws -> (RunRecord, RunExecution.Outcome) {
    let run = try #require(ExperimentText.experiment(overrides: overrides).runs().first)
    let results = ResultsFolder(path: scratch.url.appendingPathComponent(UUID().uuidString).path)
    try results.make()
    let execution = RunExecution(
      experiment: "question", results: results, threads: 1, checkpointInterval: 1000,
      keepsWeights: false)
    let data = try LoadedData(run.data, directory: nil)
    var outcome = RunExecution.Outcome.interrupted
    for _ in 0..<100 where outcome == .interrupted {
      outcome = try execution.execute(run, data: data, report: report)
    }
    return (try RunRecord(contentsOf: results.run(run.id)), outcome)
  }

  /// A run that is stopped after every few steps keeps what one does that never stops, and the last
  /// epoch's weights are those of the run file.
  @Test func weightsOfEpochsAreKept() throws {
    let run = try #require(ExperimentText.experiment(overrides: Self.short).runs().first)
    let data = try LoadedData(run.data, directory: nil)
    func kept(stopsAtEvery events: Int) throws -> [[[Float]]] {
      let results = ResultsFolder(path: scratch.url.appendingPathComponent(UUID().uuidString).path)
      try results.make()
      var execution = RunExecution(
        experiment: "question", results: results, threads: 1, checkpointInterval: 0,
        keepsWeights: true)
      execution.keptEpochs = [1, 3, 9]
      var (outcome, told) = (RunExecution.Outcome.interrupted, 0)
      for _ in 0..<100 where outcome == .interrupted {
        outcome = try execution.execute(run, data: data) { _ in
          told += 1
          return told % events != 0
        }
      }
      #expect(outcome == .finished)
      #expect(!FileManager.default.fileExists(atPath: results.weights(of: run.id, epoch: 9)))
      let files = [1, 3].map { results.weights(of: run.id, epoch: $0) }
      #expect(files.map(ResultsFolder.epoch) == [1, 3])
      return try (files + [results.run(run.id)]).map { path in
        var arrays: [[Float]] = []
        try WeightFile(path).read(where: { _ in true }) { arrays.append($1) }
        return arrays
      }
    }
    let calm = try kept(stopsAtEvery: .max)
    #expect(calm[0].count == run.graph.parameters.count)
    #expect(calm[1] == calm[2])
    #expect(calm[0] != calm[1])
    #expect(try kept(stopsAtEvery: 2) == calm)
    for name in ["epoch-1.h5", "epoch-000x.h5", "0123456789abcdef.h5"] {
      #expect(ResultsFolder.epoch(ofWeights: name) == nil)
    }
  }

  private static let short = ["training.epochs=3", "data.validation=28"]

  @Test func everyMetricOfEverySetIsInTheFile() throws {
    let (record, outcome) = try record(Self.short)
    #expect(outcome == .finished)
    #expect(
      record.metrics.keys.sorted() == [
        "test/loss", "test/top1", "test/top5", "train/loss", "train/top1", "train/top5",
        "validation/loss", "validation/top1", "validation/top5",
      ])
    for (name, value) in record.metrics {
      #expect(record.curves[name]?.last == value && value.isFinite, "\(name)")
    }
    for set in ["validation", "test"] { #expect(record.curves["\(set)/epoch"] == [1, 2, 3]) }
    #expect(record.classNames == ["texture 0", "texture 1", "texture 2", "texture 3"])
    #expect(try JSON(text: record.configuration, source: "")["data.split"] == "stratified")
  }

  @Test("of eight classes the right one is among five more often than first, in training too")
  func topFive() throws {
    let (record, _) = try record(["training.epochs=1", "data.classes=8"])
    for set in ["train", "test"] {
      let (first, amongFive) = (record.metrics["\(set)/top1"], record.metrics["\(set)/top5"])
      #expect(try #require(amongFive) > #require(first))
      #expect(try #require(amongFive) < 1)
    }
  }

  /// Stopped after every step, it has the same curves and final values.
  @Test func stoppingChangesNoMetric() throws {
    let (calm, _) = try record(Self.short)
    let (disturbed, outcome) = try record(Self.short) { _ in false }
    #expect(outcome == .finished)
    #expect(disturbed.metrics == calm.metrics)
    #expect(disturbed.curves == calm.curves)
  }

  /// Steps of 100: the training loss stays finite, the answers at inference do not.
  @Test func aRunThatDivergesHasFailed() throws {
    let (record, outcome) = try record([
      "training.optimizer={\"kind\": \"sgd\", \"learningRate\": 100}", "training.averaging=null",
      "training.schedule={\"kind\": \"constant\"}", "training.evaluateEveryEpochs=2",
    ])
    guard case .failed(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.contains(#/^the evaluation of the test set after epoch [1-6] is not finite: /#))
    #expect(record.status == .failed(reason: reason))
    #expect(record.metrics.isEmpty && record.predictions == nil)
    #expect(record.curves["train/loss"]?.isEmpty == false)
  }

  @Test func aBatchNormOverOneValueIsRefusedWhenPlanned() throws {
    let overrides = [
      "training.batch=1",
      "network={\"network\": \"stack\", \"width\": 4, \"stages\": 4, \"unitsPerStage\": 1}",
    ]
    #expect(
      try ExperimentText.message(overrides: overrides)
        == "FILE: training.batch is 1; it must be larger: stage4/unit1/shortcut/bn: expected more "
        + "than one value per channel in training, got a batch of 1 of 1×1×32; a larger batch or "
        + "larger images give more")
    #expect(try ExperimentText.message(overrides: ["training.batch=1"]) == "no error")
  }

  @Test func imagesThatFillNoBatchAreKnownWhenPlanned() throws {
    let run = try #require(ExperimentText.runs("data.train=130").first)
    #expect(run.droppedImagesPerEpoch == 2)
    #expect(run.droppedImagesNote?.hasPrefix("every epoch leaves out 2 images of 130") == true)
    let whole = try #require(ExperimentText.runs().first)
    #expect(whole.droppedImagesPerEpoch == 0 && whole.droppedImagesNote == nil)
  }

  /// What the committed runs were made of is still called the same, so they keep their identifiers.
  @Test func committedRunsKeepTheirData() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let records = try RunDirectory.records(
      in: root.appendingPathComponent("Results/cifar10-continuum").path, reading: [])
    #expect(!records.isEmpty)
    for record in records {
      let json = try #require(try JSON(text: record.configuration, source: record.id)["data"])
      var fields = try Fields(json, source: record.id)
      let description = try DatasetDescription(&fields)
      #expect(description.canonical == json, "\(record.id)")
    }
  }
}
