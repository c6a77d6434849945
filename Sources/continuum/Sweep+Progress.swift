// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation

/// How far a sweep has come, in steps over all its runs, and what each running one does.
struct SweepProgress {
  private let console: Console
  private let total: Int
  private let count: Int
  /// Characters that the names of all points begin with; nil where there is one point.
  private let common: Int?
  private var steps: [String: Int] = [:]
  private var ended = 0
  /// In the order in which they began.
  private var running: [RunningJob] = []

  init(_ runs: [PlannedRun], console: Console) {
    self.console = console
    count = runs.count
    common = RunningJob.common(Set(runs.map(\.point)))
    total = runs.reduce(0) { $0 + $1.steps }
  }

  mutating func update(_ run: PlannedRun, _ event: RunEvent) {
    switch event.kind {
    case .progress, .evaluation: goOn(run, event)
    case .waiting: console.note("waiting for another process, which does \(run.title)")
    case .busy:
      let next = event.message.map { "; \($0)" } ?? ""
      console.log("another process does \(run.title)\(next)")
    case .begunAnew:
      console.note("\(run.title) begins anew: \(event.message ?? "")")
    case .note: console.note("\(run.title): \(event.message ?? ""); nothing is lost")
    case .restarted:
      leave(run)
      console.note("\(run.title): \(event.message ?? ""); it goes on in a new process")
    case .finished:
      end(run)
      console.note("done \(ended)/\(count): \(run.title)")
      if let difference = event.message {
        console.note("its results differ from those before: \(difference)")
      }
    case .found:
      end(run)
      console.note("done by another process \(ended)/\(count): \(run.title)")
    case .reopened:
      leave(run)
      console.note("made again: \(event.message ?? "")")
    case .failed, .error, .foundFailed:
      end(run)
      let place = event.kind == .foundFailed ? " in another process" : ""
      console.note("failed\(place) \(ended)/\(count): \(run.title): \(event.message ?? "")")
    case .interrupted: leave(run)
    }
    let done = steps.values.reduce(0, +)
    console.progress(
      "\(ended)/\(count) runs", fraction: Double(done) / Double(max(total, 1))
    ) { columns in running.map { $0.line(columns: columns) } }
  }

  private mutating func goOn(_ run: PlannedRun, _ event: RunEvent) {
    steps[run.id] = event.step
    if event.kind == .evaluation {
      console.log(RunningJob.evaluation(run, event))
    }
    if let index = running.firstIndex(where: { $0.run.id == run.id }) {
      running[index].last = event
    } else {
      running.append(RunningJob(run, event, common: common))
    }
  }

  private mutating func end(_ run: PlannedRun) {
    ended += 1
    steps[run.id] = run.steps
    leave(run)
  }

  private mutating func leave(_ run: PlannedRun) {
    running.removeAll { $0.run.id == run.id }
  }
}
