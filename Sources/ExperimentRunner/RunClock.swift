// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernels
import Records

/// Time spent on a run, where, and on which data, over all the times it was begun.
///
/// Durations are those of a clock that nobody sets and that stands still while the machine sleeps;
/// the wall clock only dates the session.
struct RunClock {
  /// The digest of the data, where they have one.
  let data: String?
  /// By the wall clock, for people.
  let started = Date()
  private let begin = SuspendingClock.now
  /// What earlier sessions took.
  var earlierSeconds = 0.0
  var stepSeconds = 0.0
  var timedSteps = 0
  /// The sessions before this one.
  var earlierSessions: [RunRecord.Session] = []
  /// Epochs done when this one began.
  var firstEpoch = 0.0

  init(data: String?) {
    self.data = data
  }

  /// Of all sessions.
  var seconds: Double { earlierSeconds + sessionSeconds }

  /// Of this session.
  private var sessionSeconds: Double { (SuspendingClock.now - begin) / .seconds(1) }

  var millisecondsPerStep: Double {
    timedSteps == 0 ? .nan : 1000 * stepSeconds / Double(timedSteps)
  }

  /// All sessions, this one to where it is now.
  func sessions(threads: Int, jobs: Int, epoch: Double) -> [RunRecord.Session] {
    earlierSessions + [
      RunRecord.Session(
        commit: Provenance.commit, processor: Processor.description, level: Processor.level,
        blasKernels: Processor.coreName, threads: threads, jobs: jobs,
        started: started.formatted(.iso8601), seconds: sessionSeconds, firstEpoch: firstEpoch,
        lastEpoch: epoch, libraries: Provenance.libraries)
    ]
  }
}
