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
  /// Seconds between checkpoints.
  public var checkpointInterval: Double
  public var keepsWeights: Bool
  /// In which process HDF5 reads weights that a run begins with.
  public var weightReading: WeightFile.Reading

  public init(
    experiment: String, results: ResultsFolder, threads: Int, checkpointInterval: Double,
    keepsWeights: Bool, weightReading: WeightFile.Reading = .here
  ) {
    self.weightReading = weightReading
    self.experiment = experiment
    self.results = results
    self.threads = threads
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
    defer { lock.remove() }
    guard isOpen() else { return .found }
    guard old != nil else { return try perform(run, data, report) }
    let earlier = EarlierRun(results.run(run.id))
    var execution = self
    execution.keepsWeights = keepsWeights || earlier.hasWeights
    let outcome = try execution.perform(run, data, report)
    guard outcome == .finished else { return outcome }
    return .remade(difference: earlier.difference(from: EarlierRun(results.run(run.id))))
  }

  /// Runs a run whose lock is held.
  private func perform(
    _ run: PlannedRun, _ data: LoadedData, _ report: (RunEvent) -> Bool
  ) throws -> Outcome {
    let started = Date()
    let trainer = try Trainer(
      run.graph, data: data.splits, standardization: data.standardization,
      augmentation: run.data.augmentation, settings: run.training, seed: UInt64(run.seed),
      threads: threads)
    var clock = RunClock(started: started)
    resume(trainer, run, &clock)
    if let transfer = run.transfer, trainer.step == 0 {
      try trainer.begin { memory throws(WeightError) in
        try transfer.load(into: memory, of: run.graph, reading: weightReading)
      }
    }
    do {
      guard try train(trainer, run, &clock, report) else { return .interrupted }
    } catch TrainingError.unreadableImage(let error) {
      // No fault of the run's: its last checkpoint stays for when the picture is there again.
      throw error
    } catch let error as TrainingError {
      try record(run, trainer, data, clock, .failed(reason: error.description))
      try? FileManager.default.removeItem(atPath: results.checkpoint(run.id))
      return .failed(reason: error.description)
    }
    try record(run, trainer, data, clock, .finished)
    try? FileManager.default.removeItem(atPath: results.checkpoint(run.id))
    return .finished
  }

  /// Steps until the end; false where it was stopped, with a checkpoint left.
  private func train(
    _ trainer: Trainer, _ run: PlannedRun, _ clock: inout RunClock,
    _ report: (RunEvent) -> Bool
  ) throws -> Bool {
    var reporter = RunReporter(run, trainer)
    var lastCheckpoint = Date()
    while !trainer.isFinished {
      let before = Date()
      try trainer.trainStep()
      let now = Date()
      if trainer.step % trainer.stepsPerEpoch != 0 {
        clock.stepSeconds += now.timeIntervalSince(before)
        clock.timedSteps += 1
      }
      var goesOn = !Interruption.isRequested
      let duration = Duration.seconds(now.timeIntervalSince(before))
      goesOn = reporter.stepped(trainer, duration: duration, report) && goesOn
      if !goesOn || now.timeIntervalSince(lastCheckpoint) > checkpointInterval {
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
        "timedSteps": clock.timedSteps,
      ],
      reals: [
        "epochLoss": snapshot.epochLoss, "seconds": clock.seconds,
        "stepSeconds": clock.stepSeconds,
      ],
      curves: snapshot.curves,
      tensors: snapshot.tensors.sorted { $0.key < $1.key }.map {
        NamedTensor(path: $0.key, shape: [$0.value.count], values: $0.value)
      })
    try checkpoint.write(to: results.checkpoint(run.id))
  }

  /// Goes on from the run's checkpoint where there is a good one; else from the start.
  private func resume(_ trainer: Trainer, _ run: PlannedRun, _ clock: inout RunClock) {
    guard results.isBegun(run.id),
      let checkpoint = try? Checkpoint(contentsOf: results.checkpoint(run.id)),
      checkpoint.runID == run.id, let step = checkpoint.numbers["step"]
    else { return }
    let snapshot = TrainingSnapshot(
      tensors: Dictionary(checkpoint.tensors.map { ($0.path, $0.values) }) { $1 }, step: step,
      epochLoss: checkpoint.reals["epochLoss"] ?? 0,
      epochCorrect: checkpoint.numbers["epochCorrect"] ?? 0, curves: checkpoint.curves)
    guard (try? trainer.restore(snapshot)) != nil else { return }
    clock.earlierSeconds = checkpoint.reals["seconds"] ?? 0
    clock.stepSeconds = checkpoint.reals["stepSeconds"] ?? 0
    clock.timedSteps = checkpoint.numbers["timedSteps"] ?? 0
  }
}

/// Time spent on a run, over all the times it was begun.
struct RunClock {
  var started: Date
  var earlierSeconds = 0.0
  var stepSeconds = 0.0
  var timedSteps = 0

  var seconds: Double { earlierSeconds + Date().timeIntervalSince(started) }
  var millisecondsPerStep: Double {
    timedSteps == 0 ? .nan : 1000 * stepSeconds / Double(timedSteps)
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
}
