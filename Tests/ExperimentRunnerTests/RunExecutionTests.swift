// SPDX-License-Identifier: Apache-2.0

import Datasets
import ExperimentRunner
import Foundation
import Records
import Testing
import Training

/// One run in this process: interrupted, resumed, failed, done twice.
@Suite struct RunExecutionTests {
  private let scratch: ScratchFolder
  private let data: LoadedData

  init() throws {
    scratch = try ScratchFolder()
    let run = try #require(ExperimentText.runs().first)
    data = try LoadedData(run.data, directory: nil)
  }

  private func execution(_ folder: String, threads: Int = 1) throws -> RunExecution {
    let results = ResultsFolder(path: scratch.url.appendingPathComponent(folder).path)
    try results.make()
    return RunExecution(
      experiment: "question", results: results, threads: threads, checkpointInterval: 1000,
      keepsWeights: true)
  }

  private func record(_ execution: RunExecution, _ run: PlannedRun) throws -> RunRecord {
    let records = try RunDirectory.records(
      in: execution.results.path, reading: [.predictions, .weights])
    #expect(records.count == 1)
    return try #require(records.first { $0.id == run.id })
  }

  /// All that must not depend on how a run came about, compared as bits.
  private func expectSame(_ one: RunRecord, _ other: RunRecord) throws {
    #expect(one.configuration == other.configuration)
    #expect(one.status == other.status)
    #expect(one.cost == other.cost)
    #expect(one.facts == other.facts)
    #expect(
      one.curves.mapValues { $0.map(\.bitPattern) }
        == other.curves.mapValues { $0.map(\.bitPattern) })
    #expect(one.metrics.mapValues(\.bitPattern) == other.metrics.mapValues(\.bitPattern))
    let (first, second) = (try #require(one.predictions), try #require(other.predictions))
    #expect(first.labels == second.labels)
    #expect(first.predicted == second.predicted)
    #expect(one.weights.map(\.path) == other.weights.map(\.path))
    let sameWeights =
      one.weights.map { $0.values.map(\.bitPattern) }
      == other.weights.map { $0.values.map(\.bitPattern) }
    #expect(sameWeights)
  }

  @Test func interruptedRunsEndInTheSameBits() throws {
    let run = try #require(ExperimentText.runs().first)
    let calm = try execution("calm")
    #expect(try calm.execute(run, data: data) { _ in true } == .finished)
    let expected = try record(calm, run)
    #expect(expected.status == .finished)
    #expect(expected.curves["train/loss"]?.count == 6)
    #expect(expected.metrics.count == 6)
    #expect(expected.predictions?.predicted.count == 64)
    #expect(expected.weights.count == run.graph.parameters.count)

    // Reports come at the first step of every go, so each go does one step; threads change meanwhile.
    var steps: [Int] = []
    var outcome = RunExecution.Outcome.interrupted
    for go in 0..<100 where outcome == .interrupted {
      let disturbed = try execution("disturbed", threads: 1 + go % 2)
      outcome = try disturbed.execute(run, data: data) { event in
        if event.kind == .progress { steps.append(event.step) }
        return false
      }
      if outcome == .interrupted {
        #expect(disturbed.results.isBegun(run.id))
        #expect(!disturbed.results.isDone(run.id))
      }
    }
    #expect(outcome == .finished)
    #expect(steps == Array(1...run.steps))
    let disturbed = try execution("disturbed")
    #expect(!disturbed.results.isBegun(run.id))
    try expectSame(try record(disturbed, run), expected)
  }

  @Test func aDamagedCheckpointIsLeftAside() throws {
    let run = try #require(ExperimentText.runs().first)
    let calm = try execution("calm")
    _ = try calm.execute(run, data: data) { _ in true }
    let disturbed = try execution("disturbed")
    #expect(try disturbed.execute(run, data: data) { _ in false } == .interrupted)
    let file = "\(disturbed.results.checkpoints)/\(run.id).h5"
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    // The last 24 bytes are a checksum behind the file proper.
    for kept in [0, 100, bytes.count / 2, bytes.count - 30] {
      try bytes.prefix(kept).write(to: URL(fileURLWithPath: file))
      var first = 0
      var reasons: [String] = []
      let outcome = try disturbed.execute(run, data: data) { event in
        if event.kind == .begunAnew { reasons.append(event.message ?? "") }
        first = first == 0 ? event.step : first
        return false
      }
      #expect(reasons.count == 1 && reasons[0].contains(file), "\(reasons)")
      #expect(outcome == .interrupted)
      #expect(first == 1, "\(kept) of \(bytes.count) bytes")
    }
    #expect(try disturbed.execute(run, data: data) { _ in true } == .finished)
    try expectSame(try record(disturbed, run), try record(calm, run))
  }

  @Test func threadsDoNotMatter() throws {
    let run = try #require(ExperimentText.runs().first)
    let executions = try [execution("one", threads: 1), execution("two", threads: 2)]
    for execution in executions {
      #expect(try execution.execute(run, data: data) { _ in true } == .finished)
    }
    let records = try executions.map { try record($0, run) }
    try expectSame(records[1], records[0])
    #expect(records.map(\.provenance.threads) == [1, 2])
  }

  @Test func aFinishedRunIsLeftAlone() throws {
    let run = try #require(ExperimentText.runs().first)
    let execution = try execution("twice")
    #expect(try execution.execute(run, data: data) { _ in true } == .finished)
    let file = URL(fileURLWithPath: execution.results.run(run.id))
    let bytes = try Data(contentsOf: file)
    var reports = 0
    let again = try execution.execute(run, data: data) { _ in
      reports += 1
      return true
    }
    #expect(again == .found)
    #expect(reports == 0)
    #expect(try Data(contentsOf: file) == bytes)
  }

  /// Asked to, a run takes the place of its own earlier file, once: weights and bits stay.
  @Test func aRunIsMadeAgainInPlaceOfItsFile() throws {
    let run = try #require(ExperimentText.runs().first)
    let first = try execution("again")
    #expect(try first.execute(run, data: data) { _ in true } == .finished)
    let old = try #require(first.results.stamp(run.id))
    let before = try record(first, run)
    var second = first
    second.keepsWeights = false
    #expect(
      try second.execute(run, data: data, replacing: old) { _ in true }
        == .remade(difference: nil))
    try expectSame(try record(first, run), before)
    #expect(first.results.stamp(run.id) != old)
    #expect(try second.execute(run, data: data, replacing: old) { _ in true } == .found)

    // Made on another machine, say.
    var other = before
    other.metrics["test/top1"] = 0.125
    other.provenance.processor = "another processor"
    try other.write(to: first.results.run(run.id))
    let stamp = try #require(first.results.stamp(run.id))
    let outcome = try second.execute(run, data: data, replacing: stamp) { _ in true }
    guard case .remade(let difference?) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(difference.hasPrefix("test/top1 was 0.125 and is "))
    #expect(difference.contains("another processor") && difference.contains("round differently"))
  }

  /// What is asked for while a run goes on: its step, and every evaluation.
  @Test func everyEvaluationIsTold() throws {
    let run = try #require(ExperimentText.runs("training.evaluateEveryEpochs=4").first)
    let execution = try execution("told")
    var events: [RunEvent] = []
    #expect(
      try execution.execute(run, data: data) { event in
        events.append(event)
        return true
      } == .finished)
    let evaluations = events.filter { $0.kind == .evaluation }
    #expect(evaluations.map(\.epoch) == [4, 6])
    #expect(evaluations.map(\.step) == [32, 48])
    let record = try record(execution, run)
    #expect(evaluations.map(\.accuracy) == record.curves["test/top1"])
    #expect(evaluations.last?.trainLoss == record.curves["train/loss"]?.last)
    for event in evaluations {
      #expect(event.epochs == 6 && event.steps == 48 && event.accuracyName == "test/top1")
      #expect(event.imagesPerSecond.map { $0 > 0 && $0.isFinite } == true)
    }
  }

  @Test func aFailedRunSaysWhy() throws {
    let runs = try ExperimentText.runs(
      "training.weightDecay=1", "training.optimizer={\"kind\": \"sgd\", \"learningRate\": 1000}",
      "training.schedule={\"kind\": \"constant\"}", "training.evaluateEveryEpochs=6")
    let run = try #require(runs.first)
    let execution = try execution("failed")
    let outcome = try execution.execute(run, data: data) { _ in true }
    guard case .failed(let reason) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(reason.hasPrefix("the loss is not finite at step "))
    let op = reason.components(separatedBy: "the first output that is not: ").last
    #expect(run.graph.nodes.contains { $0.name == op })
    let record = try record(execution, run)
    #expect(record.status == .failed(reason: reason))
    #expect(record.metrics.isEmpty)
    #expect(record.predictions == nil)
    #expect(!execution.results.isBegun(run.id))
  }

  @Test func recordsSayWhatWasRun() throws {
    let run = try #require(
      ExperimentText.runs("budget={\"target\": 300}", "network.width=null").first)
    let execution = try execution("record", threads: 2)
    #expect(try execution.execute(run, data: data) { _ in true } == .finished)
    let record = try record(execution, run)
    #expect(record.id == run.id)
    #expect(record.experiment == "question")
    #expect(record.configuration == run.configuration)
    #expect(record.labels == run.labels)
    #expect(record.seed == 0)
    #expect(record.cost.trainableParameters == run.graph.cost.trainableParameters)
    #expect(record.cost.multiplyAdds == run.graph.cost.multiplyAdds)
    #expect(record.budget == run.budget)
    #expect(record.budget?.target == 300)
    #expect(record.facts["bestPossibleAccuracy"] != nil)
    #expect(record.provenance.seconds > 0)
    #expect(!record.provenance.blasKernels.isEmpty)
    let top1 = try #require(record.metrics["test/top1"])
    let predictions = try #require(record.predictions)
    let right = predictions.labels.indices.count {
      predictions.labels[$0] == predictions.predicted[$0]
    }
    #expect(top1 == Double(right) / Double(predictions.labels.count))
  }
}
