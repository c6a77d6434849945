// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Records
import Reports
import Settings

extension Sweep {
  /// What a sweep came to, seen from its files.
  struct Outcome {
    /// A run without a result, and why.
    struct Failure {
      var run: PlannedRun
      var reason: String
      /// Whether it has a file that says so, and would fail again in the same way.
      var isRecorded: Bool
    }

    /// Runs that have their file, of those that are made again the new one.
    var done = 0
    /// Of how many runs a new file was wanted in place of an old one, and how many have it.
    var wanted = 0
    var remade = 0
    var failures: [Failure] = []
    /// Runs that nobody began.
    var untried = 0

    private func state(_ runs: Int) -> String {
      let again = "\(remade) of \(wanted) made again"
      if wanted == runs { return again }
      return "\(done) of \(runs) runs done" + (wanted > 0 ? ", \(again)" : "")
    }

    /// - Throws: where a run failed, with all of them and what to do; or the sweep was interrupted.
    func check(runs: Int, wasInterrupted: Bool) throws(CommandError) {
      var lines = failures.map { failure in
        Console.oneLine("  \(failure.run.title) (\(failure.run.id)): \(failure.reason)")
      }
      lines = Standings.shortened(lines)
      if failures.contains(where: \.isRecorded) {
        lines.append(
          "  with the same settings they fail again: change them (a lower learning rate, say), or say "
            + "--again FAILED where the program or the machine is another one")
      }
      let open = failures.count { !$0.isRecorded }
      if open > 0 {
        let words =
          open < failures.count ? "the others" : failures.count == 1 ? "it" : "them"
        lines.append("  the same command tries \(words) again")
      }
      if untried > 0, !wasInterrupted {
        lines.append(
          "  \(Words.count(untried, "run")) not begun, for --fail-fast; the same command without it "
            + "does the rest")
      }
      var error: CommandError
      if wasInterrupted {
        error = .interrupted("stopped with \(state(runs)); the same command goes on from here")
      } else if failures.isEmpty {
        return
      } else {
        error = .failed(
          runs == 1 ? "the run failed" : "\(failures.count) of \(runs) runs failed")
      }
      error.block = lines.joined(separator: "\n")
      throw error
    }
  }

  /// Prints the table of the runs that are done and writes it, with the plots, beside them; not where
  /// the sweep was stopped: who stops it does not want to wait, and the same command does it.
  ///
  /// - Parameter next: what a user may do next with a single run's weights; where it is given, a
  ///   single run is shown by itself and not as a table of one row.
  func report(
    _ standings: Standings, _ summary: Scheduler.Summary, _ console: Console,
    next: ((PlannedRun) -> [String])? = nil
  ) throws -> Outcome {
    var outcome = Outcome()
    outcome.failures = summary.errors.map {
      Outcome.Failure(run: $0.run, reason: $0.reason, isRecorded: false)
    }
    var records: [RunRecord] = []
    let isUndone = Set(outcome.failures.map(\.run.id))
    for run in standings.runs where !isUndone.contains(run.id) {
      do throws(RecordError) {
        guard let record = try record(of: run, standings, summary) else { continue }
        records.append(record)
        guard let reason = record.failure else { continue }
        outcome.failures.append(.init(run: run, reason: reason, isRecorded: true))
      } catch {
        outcome.failures.append(
          .init(run: run, reason: error.description, isRecorded: false))
      }
    }
    let done = summary.done.union(standings.runs.filter(standings.isDone).map(\.id))
    outcome.done = records.count { done.contains($0.id) }
    outcome.untried =
      standings.runs.count - records.count - outcome.failures.count { !$0.isRecorded }
    outcome.wanted = standings.remade.count
    outcome.remade = standings.remade.count { summary.done.contains($0.id) }
    guard let first = records.first, !summary.wasInterrupted else { return outcome }
    let files = ReportFiles(
      folder: results.path, title: experiment.question,
      asked: experiment.record(of: standings.runs, asked: Date()).record)
    if let next, standings.runs.count == 1 {
      let run = standings.runs[0]
      try files.write(single: RunSummary(run, first, in: results), next: next(run), console)
    } else {
      try files.write(records, console)
    }
    return outcome
  }

  /// What a run's file says; nil where it is not done yet.
  ///
  /// - Throws: where the file is gone that was there, or cannot be read.
  private func record(
    of run: PlannedRun, _ standings: Standings, _ summary: Scheduler.Summary
  ) throws(RecordError) -> RunRecord? {
    let stamp = results.stamp(run.id)
    guard stamp != nil else {
      guard standings.isDone(run) || summary.done.contains(run.id) else { return nil }
      throw RecordError(
        file: results.run(run.id),
        rule: "is gone: it was removed, or its folder was, while the runs went on")
    }
    if let known = standings.record(of: run, stamp: stamp) { return known }
    // What is damaged and was not made again, the sweep having been stopped, is not done.
    let isOpen = !standings.isDone(run) && !summary.done.contains(run.id)
    do {
      return try RunRecord(contentsOf: results.run(run.id), reading: [])
    } catch {
      if isOpen { return nil }
      throw error
    }
  }
}
