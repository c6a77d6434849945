// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import ExperimentRunner

/// What a sweep makes of what its workers do, or do no more; the workers are lines of shell.
@Suite struct SchedulerTests {
  private let scratch: ScratchFolder
  private let results: ResultsFolder
  private let experiment: Experiment
  private let runs: [PlannedRun]

  init() throws {
    // A worker that is gone cannot be told anything.
    signal(SIGPIPE, SIG_IGN)
    scratch = try ScratchFolder()
    results = ResultsFolder(path: scratch.url.path)
    try results.make()
    experiment = try ExperimentText.experiment(overrides: ["seeds=3"])
    runs = try experiment.runs()
  }

  private func scheduler(
    _ runs: [PlannedRun], _ worker: String, replacing stamps: [String: String] = [:],
    wantsWeights: Bool = false, failFast: Bool = false
  ) -> Scheduler {
    // A thread of the tests holds signals back, and its children would inherit that.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    let prelude =
      "say() { echo \"{\\\"kind\\\":\\\"$1\\\",\\\"run\\\":\\\"$2\\\",\\\"step\\\":0,"
      + "\\\"steps\\\":0,\\\"epoch\\\":0,\\\"epochs\\\":0}\"; }; cd '\(results.path)'; read line; "
    return Scheduler(
      experiment, runs: runs, replacing: stamps, in: results, jobs: 1,
      wantsWeights: wantsWeights, failFast: failFast, command: ["/bin/sh", "-c", prelude + worker])
  }

  @Test(arguments: [
    ("kill -KILL $$", "was killed by SIGKILL, perhaps for want of memory"),
    ("kill -XCPU $$", "was killed by SIGXCPU: it reached the limit on processor time"),
    ("kill -XFSZ $$", "was killed by SIGXFSZ: it reached the limit on the size of a file"),
    ("kill -SEGV $$", "crashed with SIGSEGV, which is a fault of the program"),
    ("kill -TERM $$", "was ended by SIGTERM, which somebody sent"),
    ("exit 7", "ended with status 7"),
  ])
  func aWorkerThatDiesTwiceIsNamed(_ death: String, _ reason: String) throws {
    var told: [RunEvent.Kind] = []
    let summary = scheduler(Array(runs.prefix(1)), "read run; \(death)").run { run, event in
      told.append(event.kind)
      #expect(run.id == runs[0].id && event.message?.contains(reason) == true)
    }
    #expect(told == [.restarted, .error])
    #expect(summary.errors.count == 1)
    let error = try #require(summary.errors.first)
    #expect(error.run.id == runs[0].id)
    #expect(error.reason.hasPrefix("its process ended twice; the last time it \(reason)"))
    #expect(error.reason.hasSuffix("The same command goes on from the last checkpoint"))
  }

  /// Every run says that no process could be started for it, and why.
  @Test func aProcessThatCannotBeStartedIsNamed() {
    let summary = Scheduler(
      experiment, runs: runs, in: results, jobs: 2, wantsWeights: false, failFast: false,
      command: ["\(results.path)/nowhere"]
    ).run { _, _ in }
    #expect(Set(summary.errors.map(\.run.id)) == Set(runs.map(\.id)))
    for error in summary.errors {
      #expect(error.reason == "no process can be started for it: No such file or directory")
    }
  }

  /// One death costs nothing: the run goes to another process, and the others follow.
  @Test func aWorkerThatDiesOnceIsReplaced() throws {
    let summary = scheduler(
      runs,
      "while read run; do [ -e died ] || { touch died; kill -KILL $$; }; say finished $run; done"
    ).run { _, _ in }
    #expect(summary.errors.isEmpty)
    #expect(summary.done == Set(runs.map(\.id)))
  }

  /// The first run is another sweep's, which dies: the others come first, then it is taken over.
  @Test func aBusyRunIsTakenOverWhenItsLockIsFree() throws {
    let lock = try #require(try results.lock(of: runs[0].id))
    var order: [String] = []
    let summary = scheduler(
      runs,
      "while read run; do if [ -e $run.free ] || [ $run != \(runs[0].id) ]; "
        + "then say finished $run; else say busy $run; fi; done"
    ).run { run, event in
      order.append("\(event.kind) \(run.seed)")
      guard event.kind == .waiting else { return }
      try? Data().write(to: scratch.url.appending(path: "\(run.id).free"))
      lock.release()
    }
    #expect(order == ["busy 0", "finished 1", "finished 2", "waiting 0", "finished 0"])
    #expect(summary.done.count == 3 && summary.errors.isEmpty)
  }

  /// The other sweep finishes it: its file counts.
  @Test func aBusyRunThatAnotherFinishesIsDone() throws {
    let lock = try #require(try results.lock(of: runs[0].id))
    defer { lock.release() }
    let old = results.run(runs[0].id)
    try Data("old".utf8).write(to: URL(fileURLWithPath: old))
    let stamp = try #require(results.stamp(runs[0].id))
    var order: [String] = []
    let summary = scheduler(
      runs,
      "while read run stamp; do [ -n \"$stamp\" ] && say busy $run || say finished $run; done",
      replacing: [runs[0].id: stamp]
    ).run { run, event in
      order.append("\(event.kind) \(run.seed)")
      guard event.kind == .waiting else { return }
      try? record(of: runs[0]).write(to: old)
    }
    #expect(order == ["busy 0", "finished 1", "finished 2", "waiting 0", "found 0"])
    #expect(summary.done.count == 3 && summary.errors.isEmpty)
  }

  /// What another process writes of a run: without weights, where nothing else is said.
  private func record(
    of run: PlannedRun, _ status: RunRecord.Status = .finished, weights: [NamedTensor] = []
  ) -> RunRecord {
    RunRecord(
      id: run.id, experiment: "another", configuration: run.configuration, labels: run.labels,
      seed: run.seed, status: status,
      cost: RunRecord.Cost(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
      provenance: RunRecord.Provenance(
        commit: "", version: "", processor: "", blasKernels: "", threads: 1,
        started: "2026-01-01T00:00:00Z", seconds: 1),
      weights: weights)
  }

  /// A run that another process has written meanwhile counts where it is what was asked for; where it
  /// lacks weights, or cannot be read, it is made again after the others.
  @Test func aFoundRunIsLookedAt() throws {
    let weights = [NamedTensor(path: "a", shape: [1], values: [1])]
    try record(of: runs[0]).write(to: results.run(runs[0].id))
    try record(of: runs[1], weights: weights).write(to: results.run(runs[1].id))
    try record(of: runs[2], .failed(reason: "no luck")).write(to: results.run(runs[2].id))
    let worker =
      "while read run stamp; do [ -n \"$stamp\" ] && say finished $run || say found $run; done"
    var order: [String] = []
    func told(_ run: PlannedRun, _ event: RunEvent) {
      order.append("\(event.kind) \(run.seed)" + (event.message.map { " \($0)" } ?? ""))
    }
    let plain = scheduler(runs, worker).run(progress: told)
    #expect(order == ["found 0", "found 1", "foundFailed 2 no luck"])
    #expect(plain.done.count == 3 && plain.failed == [runs[2].id])
    order = []
    let kept = scheduler(runs, worker, wantsWeights: true).run(progress: told)
    let lacking = "\(runs[0].title) (\(runs[0].id)), whose file holds no weights"
    #expect(
      order == ["reopened 0 \(lacking)", "found 1", "foundFailed 2 no luck", "finished 0"])
    #expect(kept.done.count == 3 && kept.errors.isEmpty)
    order = []
    try Data("torn".utf8).write(to: URL(fileURLWithPath: results.run(runs[0].id)))
    let mended = scheduler(Array(runs.prefix(1)), worker).run(progress: told)
    #expect(order.count == 2 && order[0].contains("whose file is damaged: "), "\(order)")
    #expect(order.last == "finished 0" && mended.done == [runs[0].id])
  }

  @Test func afterAFailureNothingElseBeginsWhereOneWantsThat() throws {
    let summary = scheduler(
      runs, "while read run; do say failed $run; done", failFast: true
    ).run { _, _ in }
    #expect(summary.failed == [runs[0].id] && summary.done == [runs[0].id])
    #expect(summary.errors.isEmpty)
  }

  /// A diverging run's numbers reach the sweep as they are.
  @Test func eventsSurviveTheirLine() throws {
    var event = RunEvent(.evaluation, run: "a")
    (event.step, event.steps, event.epoch, event.epochs) = (3, 8, 1, 4)
    event.trainLoss = .infinity
    (event.accuracy, event.accuracyName) = (0.25, "validation/top1")
    event.imagesPerSecond = 1234.5
    #expect(RunEvent(line: event.line) == event)
    event.trainLoss = .nan
    #expect(RunEvent(line: event.line)?.trainLoss?.isNaN == true)
    #expect(!event.line.contains("\n"))
    #expect(RunEvent(line: "{}") == nil)
  }
}
