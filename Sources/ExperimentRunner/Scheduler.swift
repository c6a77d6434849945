import Foundation

/// Gives the runs of a sweep to worker processes and gathers what they tell.
///
/// A run whose worker dies is given to a new worker once; it goes on from its checkpoint.
public final class Scheduler {
  /// What a sweep came to.
  public struct Summary: Sendable {
    /// Runs that could not be done, and why.
    public var errors: [(run: PlannedRun, reason: String)] = []
    /// The identifiers of the runs that failed by themselves; their files say why.
    public var failed: Set<String> = []
    public var wasInterrupted = false

    /// Nothing done yet.
    public init() {}
  }

  private let runs: [PlannedRun]
  private let jobs: Int
  private let failFast: Bool
  private let command: [String]
  private let experiment: String
  private var waiting: [PlannedRun]
  private var attempts: [String: Int] = [:]
  private var summary = Summary()

  /// - Parameters:
  ///   - runs: the runs of the experiment that are to be done.
  ///   - command: the program and arguments that start a worker.
  public init(
    _ experiment: Experiment, runs: [PlannedRun], jobs: Int, failFast: Bool, command: [String]
  ) {
    self.experiment = experiment.line
    self.runs = runs
    self.jobs = min(jobs, max(runs.count, 1))
    self.failFast = failFast
    self.command = command
    waiting = runs.reversed()
  }

  /// Runs until all is done or someone asks to stop.
  ///
  /// - Parameter progress: told of every event, on the calling thread.
  public func run(progress: (PlannedRun, RunEvent) -> Void) throws -> Summary {
    let inbox = Inbox()
    var workers: [Int: WorkerProcess] = [:]
    for index in 0..<jobs {
      workers[index] = try worker(index, inbox)
    }
    for worker in workers.values { assign(worker) }
    while !workers.isEmpty {
      if Interruption.isRequested, !summary.wasInterrupted {
        summary.wasInterrupted = true
        for worker in workers.values { worker.stop() }
      }
      guard let message = inbox.next(timeout: 0.2) else { continue }
      guard let worker = workers[message.worker] else { continue }
      guard let event = message.event else {
        workers[message.worker] = try replacement(for: worker, inbox)
        continue
      }
      guard let run = worker.current, run.id == event.run else { continue }
      progress(run, event)
      if event.kind == .progress || event.kind == .waiting { continue }
      settle(run, event)
      worker.current = nil
      assign(worker)
    }
    return summary
  }

  /// The next run for an idle worker; none left means that it may go.
  private func assign(_ worker: WorkerProcess) {
    guard !summary.wasInterrupted, let run = waiting.popLast() else {
      worker.finish()
      return
    }
    attempts[run.id, default: 0] += 1
    worker.start(run)
  }

  private func settle(_ run: PlannedRun, _ event: RunEvent) {
    switch event.kind {
    case .error: summary.errors.append((run, event.message ?? ""))
    case .interrupted: summary.wasInterrupted = true
    case .failed: summary.failed.insert(run.id)
    case .finished, .progress, .waiting: break
    }
    if failFast && (event.kind == .failed || event.kind == .error) { waiting = [] }
  }

  /// A worker's output has ended: it left, or it died with a run in its hands.
  private func replacement(for worker: WorkerProcess, _ inbox: Inbox) throws -> WorkerProcess? {
    let status = worker.waitForExit()
    guard let run = worker.current, !summary.wasInterrupted else { return nil }
    guard attempts[run.id, default: 0] < 2 else {
      summary.errors.append((run, "its process ended twice, the last time with \(status)"))
      if waiting.isEmpty { return nil }
      return try begin(worker.index, inbox)
    }
    waiting.append(run)
    return try begin(worker.index, inbox)
  }

  private func begin(_ index: Int, _ inbox: Inbox) throws -> WorkerProcess {
    let worker = try worker(index, inbox)
    assign(worker)
    return worker
  }

  private func worker(_ index: Int, _ inbox: Inbox) throws -> WorkerProcess {
    try WorkerProcess(index, command: command, experiment: experiment, inbox: inbox)
  }
}
