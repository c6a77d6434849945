// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Gives the runs of a sweep to worker processes and gathers what they tell.
///
/// A run whose worker dies is given to a new worker once; it goes on from its checkpoint. A run that
/// another sweep does is left to it: the worker takes the next one, and the run is looked at again
/// until its file is there, or nobody holds its lock any more. Where that file lacks what was asked
/// for, weights say, the run is made again.
public final class Scheduler {
  /// What a sweep came to.
  public struct Summary: Sendable {
    /// Runs that could not be done, and why.
    public var errors: [(run: PlannedRun, reason: String)] = []
    /// The identifiers of the runs that failed by themselves; their files say why.
    public var failed: Set<String> = []
    /// The identifiers of the runs that have a file now, failed ones and other sweeps' among them.
    public var done: Set<String> = []
    public var wasInterrupted = false

    /// Nothing done yet.
    public init() {}
  }

  private let results: ResultsFolder
  private let jobs: Int
  private let wantsWeights: Bool
  private let failFast: Bool
  private let command: [String]
  private let experiment: String
  private var stamps: [String: String]
  private var waiting: [PlannedRun]
  /// Runs that other sweeps do, and such that they did and that are made again here.
  private var busy: [PlannedRun] = []
  private var lastLook = SuspendingClock.now
  private var isTold: Set<String> = []
  private var workers: [Int: WorkerProcess] = [:]
  private var deaths: [String: Int] = [:]
  private var summary = Summary()
  private let inbox = Inbox()
  /// Since when workers were asked to stop.
  private var stopped: SuspendingClock.Instant?
  /// Why the last process that was wanted could not be started.
  private var startFailure: String?

  /// - Parameters:
  ///   - runs: the runs of the experiment that are to be done.
  ///   - stamps: the files, by their runs' identifiers, that new ones are to replace.
  ///   - wantsWeights: whether a run that another process has finished must hold its weights.
  ///   - command: the program and arguments that start a worker.
  public init(
    _ experiment: Experiment, runs: [PlannedRun], replacing stamps: [String: String] = [:],
    in results: ResultsFolder, jobs: Int, wantsWeights: Bool, failFast: Bool, command: [String]
  ) {
    self.experiment = experiment.line
    self.results = results
    self.jobs = min(jobs, max(runs.count, 1))
    self.wantsWeights = wantsWeights
    self.failFast = failFast
    self.command = command
    self.stamps = stamps
    waiting = runs.reversed()
  }

  /// Runs until all is done or someone asks to stop.
  ///
  /// - Parameter progress: told of every event, on the calling thread.
  public func run(progress: (PlannedRun, RunEvent) -> Void) -> Summary {
    for index in 0..<jobs { begin(index) }
    while !workers.isEmpty {
      if Interruption.isRequested { stopWorkers() }
      lookAtBusyRuns(progress)
      guard let message = inbox.next(timeout: busy.isEmpty ? 0.2 : 0.1),
        let worker = workers[message.worker]
      else { continue }
      guard var event = message.event else {
        replace(worker, progress)
        continue
      }
      guard let run = worker.current, run.id == event.run else { continue }
      if event.kind == .found { event = found(run) }
      if event.kind == .busy, !waiting.isEmpty { event.message = "the next run is taken" }
      progress(run, event)
      guard event.isEnd else { continue }
      settle(run, event)
      worker.current = nil
      assign(worker)
    }
    let reason =
      startFailure.map { "no process can be started for it: \($0)" }
      ?? "no process was left to do it; the same command begins anew"
    for run in waiting + busy where !summary.wasInterrupted { summary.errors.append((run, reason)) }
    return summary
  }

  /// The next run for an idle worker. One that gets none may go, unless runs of other sweeps may
  /// still come back.
  private func assign(_ worker: WorkerProcess) {
    if !summary.wasInterrupted, let run = waiting.popLast() {
      worker.start(run, replacing: stamps[run.id])
    } else if busy.isEmpty || summary.wasInterrupted {
      worker.finish()
    }
  }

  private func settle(_ run: PlannedRun, _ event: RunEvent) {
    switch event.kind {
    case .error: summary.errors.append((run, event.message ?? "it does not say why"))
    case .interrupted: summary.wasInterrupted = true
    case .busy, .reopened: busy.append(run)
    case .failed, .foundFailed:
      summary.failed.insert(run.id)
      summary.done.insert(run.id)
    case .finished, .found: summary.done.insert(run.id)
    case .progress, .evaluation, .waiting, .begunAnew, .note, .restarted: break
    }
    let isFailure = [.failed, .foundFailed, .error].contains(event.kind)
    if failFast, isFailure { (waiting, busy) = ([], []) }
  }
}

// MARK: Runs of other sweeps

extension Scheduler {
  /// Takes the busy runs that are done by now for done, and gives those that nobody does any more to
  /// workers that have nothing else to do.
  private func lookAtBusyRuns(_ progress: (PlannedRun, RunEvent) -> Void) {
    guard !busy.isEmpty, !summary.wasInterrupted,
      SuspendingClock.now - lastLook > .milliseconds(100)
    else { return }
    lastLook = SuspendingClock.now
    for run in busy {
      guard let stamp = results.stamp(run.id), stamp != stamps[run.id] else { continue }
      busy.removeAll { $0.id == run.id }
      let event = found(run)
      progress(run, event)
      settle(run, event)
    }
    for run in busy {
      guard let worker = idleWorker, !FileLock.isHeld(results.lock(run.id)) else { continue }
      busy.removeAll { $0.id == run.id }
      worker.start(run, replacing: stamps[run.id])
    }
    let isIdle = workers.values.allSatisfy { $0.current == nil }
    for run in busy where isIdle && isTold.insert(run.id).inserted {
      progress(run, RunEvent(.waiting, run: run.id))
    }
    guard busy.isEmpty else { return }
    for worker in workers.values where worker.current == nil { assign(worker) }
  }

  /// What to tell of a run whose file another process has written: that it counts, that it failed, or
  /// that it is made again in place of that file.
  private func found(_ run: PlannedRun) -> RunEvent {
    var event = RunEvent(.found, run: run.id)
    do throws(RecordError) {
      let standing = try RunStanding(of: run, in: results, wantsWeights: wantsWeights)
      if let note = standing.note(of: run) {
        stamps[run.id] = standing.stamp
        (event.kind, event.message) = (.reopened, note)
      } else if let reason = standing.record?.failure {
        (event.kind, event.message) = (.foundFailed, reason)
      }
    } catch {
      (event.kind, event.message) = (.error, error.description)
    }
    return event
  }

  private var idleWorker: WorkerProcess? { workers.values.first { $0.current == nil } }
}

// MARK: Processes

extension Scheduler {
  /// A worker's output has ended: it left, or it died with a run in its hands.
  private func replace(_ worker: WorkerProcess, _ progress: (PlannedRun, RunEvent) -> Void) {
    let end = worker.waitForExit()
    workers[worker.index] = nil
    guard let run = worker.current, !summary.wasInterrupted else { return }
    deaths[run.id, default: 0] += 1
    var event = RunEvent(.restarted, run: run.id)
    event.message = "its process \(end)"
    if deaths[run.id, default: 0] > 1 {
      event.kind = .error
      event.message =
        "its process ended twice; the last time it \(end). "
        + "The same command goes on from the last checkpoint"
    } else {
      waiting.append(run)
    }
    progress(run, event)
    settle(run, event)
    if !waiting.isEmpty || !busy.isEmpty { begin(worker.index) }
  }

  /// Where a process cannot be started, those that can do the runs.
  private func begin(_ index: Int) {
    do throws(RunnerError) {
      let worker = try WorkerProcess(
        index, command: command, experiment: experiment, inbox: inbox)
      workers[index] = worker
      assign(worker)
    } catch {
      startFailure = error.description
    }
  }

  /// Asks the workers to leave checkpoints and go; ends those that do not in time, and leaves those
  /// behind that not even the system can end.
  private func stopWorkers() {
    guard let stopped else {
      summary.wasInterrupted = true
      stopped = .now
      for worker in workers.values { worker.stop() }
      return
    }
    let waited = SuspendingClock.now - stopped
    if waited > Self.graceOfSystem { workers = [:] }
    for worker in workers.values where waited > Self.grace { worker.kill() }
  }

  /// What workers are given to end a step and leave a checkpoint; they all end within two seconds of
  /// the request.
  private static let grace = Duration.milliseconds(1300)
  private static let graceOfSystem = Duration.milliseconds(1700)
}
