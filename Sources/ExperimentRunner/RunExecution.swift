// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Foundation
import Kernels
import Records
import Training
import Weights

/// Does one run from its first or last checkpointed step to its file.
public struct RunExecution {
  /// How a run ended here.
  public enum Outcome: Sendable, Equatable {
    case finished
    /// The run's file was there; nothing was done.
    case found
    /// Finished in place of an earlier file; `difference` says in what the results are others.
    case remade(difference: String?)
    case failed(reason: String)
    case interrupted
    /// Another process does the run; nothing was done.
    case busy
  }

  public var experiment: String
  public var results: ResultsFolder
  public var threads: Int
  /// Runs side by side on the machine, this one among them.
  public var jobs: Int
  /// Seconds between checkpoints.
  public var checkpointInterval: Double
  public var keepsWeights: Bool
  /// The epochs after which the weights are kept in files of their own, too.
  public var keptEpochs: Set<Int> = []
  /// In which process HDF5 reads weights that a run begins with.
  public var weightReading: WeightFile.Reading

  public init(
    experiment: String, results: ResultsFolder, threads: Int, jobs: Int = 1,
    checkpointInterval: Double, keepsWeights: Bool, weightReading: WeightFile.Reading = .here
  ) {
    self.weightReading = weightReading
    self.experiment = experiment
    self.results = results
    self.threads = threads
    self.jobs = jobs
    self.checkpointInterval = checkpointInterval
    self.keepsWeights = keepsWeights
  }

  /// Runs, or goes on with, a planned run; a finished one is left alone.
  ///
  /// - Parameters:
  ///   - old: the stamp of a file that the run has and that a new one is to replace, which it does
  ///     when it is finished. Where the file is another one by now, somebody has made it again.
  ///   - report: told of progress about twice a second, and of evaluations; returns false to stop.
  /// - Throws: where the run cannot begin or its files cannot be written.
  public func execute(
    _ run: PlannedRun, data: LoadedData, replacing old: String? = nil,
    report: (RunEvent) -> Bool
  ) throws -> Outcome {
    func isOpen() -> Bool { results.stamp(run.id).map { $0 == old } ?? true }
    guard isOpen() else { return .found }
    guard let lock = try results.lock(of: run.id) else { return .busy }
    defer { if let failure = lock.remove() { Self.note(failure.description, run, report) } }
    guard isOpen() else { return .found }
    guard old != nil else { return try perform(run, data, report) }
    let earlier = EarlierRun(results.run(run.id))
    var execution = self
    execution.keepsWeights =
      keepsWeights || earlier.hasWeights || (earlier.record == nil && hadWeights(run.id))
    let outcome = try execution.perform(run, data, report)
    guard outcome == .finished else { return outcome }
    return .remade(difference: earlier.difference(from: EarlierRun(results.run(run.id))))
  }

  /// Whether somebody asked for the weights of a run whose file is damaged.
  private func hadWeights(_ id: String) -> Bool {
    ExperimentRecord.files(in: results.path)
      .compactMap { try? ExperimentRecord(contentsOf: $0) }
      .contains { record in
        record.keepsWeights == true
          && record.points.contains { $0.runs.contains { $0.id == id } }
      }
  }

  /// Runs a run whose lock is held.
  private func perform(
    _ run: PlannedRun, _ data: LoadedData, _ report: (RunEvent) -> Bool
  ) throws -> Outcome {
    var clock = RunClock(data: data.splits.digest)
    let trainer = try Trainer(
      run.graph, data: data.splits, standardization: data.standardization,
      augmentation: run.data.augmentation, settings: run.training, seed: UInt64(run.seed),
      threads: threads)
    if let reason = try resume(trainer, run, &clock) {
      var event = RunEvent(.begunAnew, run: run.id)
      event.message = reason
      _ = report(event)
    }
    if let transfer = run.transfer, trainer.step == 0 {
      try trainer.begin { memory throws(WeightError) in
        try transfer.load(
          into: memory, of: run.graph, classNames: run.data.classNames, reading: weightReading)
      }
    }
    do {
      guard try train(trainer, run, data, &clock, report) else { return .interrupted }
    } catch TrainingError.unreadableImage(let error) {
      // No fault of the run's: its last checkpoint stays for when the picture is there again.
      throw error
    } catch let error as TrainingError {
      try record(run, trainer, data, clock, .failed(reason: error.description))
      removeCheckpoint(run, report)
      return .failed(reason: error.description)
    }
    try record(run, trainer, data, clock, .finished)
    removeCheckpoint(run, report)
    return .finished
  }

  /// Of a run that has its file; the checkpoint is of no more use.
  private func removeCheckpoint(_ run: PlannedRun, _ report: (RunEvent) -> Bool) {
    let path = results.checkpoint(run.id)
    guard unlink(path) != 0, errno != ENOENT else { return }
    Self.note("\(path) cannot be removed: \(SystemReason.text(of: errno))", run, report)
  }

  private static func note(_ text: String, _ run: PlannedRun, _ report: (RunEvent) -> Bool) {
    var event = RunEvent(.note, run: run.id)
    event.message = text
    _ = report(event)
  }

  /// Steps until the end; false where it was stopped, with a checkpoint left.
  private func train(
    _ trainer: Trainer, _ run: PlannedRun, _ data: LoadedData, _ clock: inout RunClock,
    _ report: (RunEvent) -> Bool
  ) throws -> Bool {
    var reporter = RunReporter(run, trainer)
    var lastCheckpoint = SuspendingClock.now
    while !trainer.isFinished {
      let before = SuspendingClock.now
      try trainer.trainStep()
      let now = SuspendingClock.now
      try keepEpoch(trainer, of: run, on: data)
      if trainer.step % trainer.stepsPerEpoch != 0 {
        clock.stepSeconds += (now - before) / .seconds(1)
        clock.timedSteps += 1
      }
      var goesOn = !Interruption.isRequested
      goesOn = reporter.stepped(trainer, duration: now - before, report) && goesOn
      if !goesOn || now - lastCheckpoint > .seconds(checkpointInterval) {
        try checkpoint(trainer, run, clock)
        lastCheckpoint = now
      }
      if !goesOn && !trainer.isFinished { return false }
    }
    return true
  }

  private func checkpoint(_ trainer: Trainer, _ run: PlannedRun, _ clock: RunClock) throws {
    let snapshot = trainer.snapshot()
    let checkpoint = Checkpoint(
      runID: run.id,
      numbers: [
        "step": snapshot.step, "epochCorrect": snapshot.epochCorrect,
        "epochAmongFive": snapshot.epochAmongFive, "timedSteps": clock.timedSteps,
      ],
      reals: [
        "epochLoss": snapshot.epochLoss, "seconds": clock.seconds,
        "stepSeconds": clock.stepSeconds,
      ],
      curves: snapshot.curves, sessions: sessions(trainer, clock), data: clock.data,
      tensors: snapshot.tensors.sorted { $0.key < $1.key }.map {
        NamedTensor(path: $0.key, shape: [$0.value.count], values: $0.value)
      })
    try checkpoint.write(to: results.checkpoint(run.id))
  }

  /// Goes on from the run's checkpoint where there is a good one; else from the start.
  ///
  /// - Returns: why a checkpoint that is there is of no use; nil where there is none, or a good one.
  /// - Throws: where the run was begun on data that lie in files and are others now.
  private func resume(
    _ trainer: Trainer, _ run: PlannedRun, _ clock: inout RunClock
  ) throws -> String? {
    guard results.isBegun(run.id) else { return nil }
    let path = results.checkpoint(run.id)
    let checkpoint: Checkpoint
    do throws(RecordError) {
      checkpoint = try Checkpoint(contentsOf: path)
    } catch {
      // It may be sound, and hold hours of work: it is not begun anew in its place.
      if error.isOfMachine { throw error }
      return "its checkpoint is damaged: \(error)"
    }
    guard checkpoint.runID == run.id else {
      return "\(path) is the checkpoint of another run, \(checkpoint.runID)"
    }
    guard let step = checkpoint.numbers["step"],
      let amongFive = checkpoint.numbers["epochAmongFive"]
    else { return "\(path) is the checkpoint of another version of this program" }
    if run.data.origin != .code {
      try DataCheck(results).compare(checkpoint.data, with: clock.data, of: run)
    }
    let snapshot = TrainingSnapshot(
      tensors: Dictionary(checkpoint.tensors.map { ($0.path, $0.values) }) { $1 }, step: step,
      epochLoss: checkpoint.reals["epochLoss"] ?? 0,
      epochCorrect: checkpoint.numbers["epochCorrect"] ?? 0, epochAmongFive: amongFive,
      curves: checkpoint.curves)
    do {
      try trainer.restore(snapshot)
    } catch {
      return "\(path) does not fit the run: \(error)"
    }
    clock.earlierSeconds = checkpoint.reals["seconds"] ?? 0
    clock.stepSeconds = checkpoint.reals["stepSeconds"] ?? 0
    clock.timedSteps = checkpoint.numbers["timedSteps"] ?? 0
    clock.earlierSessions = checkpoint.sessions
    clock.firstEpoch = Double(step) / Double(trainer.stepsPerEpoch)
    return nil
  }
}

/// A data set with what its training set says of it.
public struct LoadedData: Sendable {
  public let splits: DatasetSplits
  public let standardization: Standardization?

  public init(_ description: DatasetDescription, directory: String?) throws(DatasetError) {
    splits = try description.load(directory: directory)
    standardization =
      description.standardize ? Standardization(of: splits.train) : nil
  }

  /// By its contents, for the run's record; nil where they have no digest.
  var identity: RunRecord.DataIdentity? {
    splits.digest.map { digest in
      RunRecord.DataIdentity(
        digest: digest, train: splits.train.count, validation: splits.validation?.count ?? 0,
        test: splits.test.count)
    }
  }
}
