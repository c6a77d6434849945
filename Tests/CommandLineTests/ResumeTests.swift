// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// Runs that are killed, interrupted, or done on other numbers of threads end in the same bits.
@Suite(.serialized) struct ResumeTests {
  private static let experiment = """
    {
      "question": "Does a killed run end in the same bits?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 8, "train": 512,
        "test": 128, "calibrationImages": 256},
      "network": {"network": "probe", "width": 8},
      "training": {"epochs": 6, "batch": 16, "averaging": 0.9,
        "optimizer": {"kind": "adamw", "learningRate": 0.01}},
      "seeds": 1,
      "vary": {"network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]},
    }
    """

  private let scratch: ScratchFolder
  private let file: String

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(Self.experiment, to: "experiment.json")
  }

  private func command(_ results: String, _ options: String = "") -> String {
    "continuum run \(file) --results \(scratch.url.path)/\(results) --checkpoint-every 0 \(options)"
  }

  private func records(_ results: String) throws -> [RunRecord] {
    try RunDirectory.records(
      in: scratch.url.appending(path: results).path, reading: [.predictions, .weights])
  }

  /// Curves, metrics, predictions and weights, compared as bits.
  private func expectSameBits(_ first: [RunRecord], _ second: [RunRecord]) throws {
    try #require(first.count == second.count)
    for (one, other) in zip(first, second) {
      #expect(one.id == other.id)
      #expect(
        one.curves.mapValues { $0.map(\.bitPattern) }
          == other.curves.mapValues { $0.map(\.bitPattern) })
      #expect(one.metrics.mapValues(\.bitPattern) == other.metrics.mapValues(\.bitPattern))
      let predictions = try #require(one.predictions)
      let others = try #require(other.predictions)
      #expect(predictions.labels == others.labels)
      #expect(predictions.predicted == others.predicted)
      #expect(one.weights.count > 0)
      #expect(
        one.weights.map { $0.values.map(\.bitPattern) }
          == other.weights.map { $0.values.map(\.bitPattern) })
    }
  }

  @Test func killedRunsEndInTheSameBits() throws {
    let calm = try Tool.shell(command("calm", "--keep-weights --jobs 1"))
    try #require(calm.exitCode == 0, "\(calm.messages)")
    let undisturbed = try records("calm")
    #expect(undisturbed.count == 2)

    var kills = 0
    for attempt in 0..<40 {
      let delay = 0.15 + 0.05 * Double(attempt % 7)
      // Whatever of the sweep is running, parent and workers alike, ends by SIGKILL.
      let line = """
        \(command("killed", "--keep-weights --jobs 2 --quiet")) > /dev/null 2>&1 &
        sleep \(delay)
        for process in /proc/[0-9]*; do
          [[ $(readlink $process/exe) == */continuum ]] || continue
          grep -qa '\(scratch.url.path)/killed' $process/cmdline || continue
          kill -KILL ${process#/proc/} && echo killed
        done 2> /dev/null
        wait
        true
        """
      let outcome = try Tool.shell(line)
      kills += outcome.output.contains("killed") ? 1 : 0
      if try records("killed").count == 2 { break }
    }
    #expect(kills > 0)
    let last = try Tool.shell(command("killed", "--keep-weights --jobs 2"))
    try #require(last.exitCode == 0, "\(last.messages)")
    try expectSameBits(undisturbed, try records("killed"))
  }

  @Test func anyNumberOfThreadsAndJobsEndsInTheSameBits() throws {
    for (results, options) in [("one", "--threads 1 --jobs 1"), ("two", "--threads 2 --jobs 1")] {
      let outcome = try Tool.shell(command(results, options + " --keep-weights"))
      try #require(outcome.exitCode == 0, "\(outcome.messages)")
    }
    let one = try records("one")
    let two = try records("two")
    #expect(one.map(\.provenance.threads) == [1, 1])
    #expect(two.map(\.provenance.threads) == [2, 2])
    try expectSameBits(one, two)
  }

  @Test func anInterruptedSweepSaysHowToGoOnAndExitsWith130() throws {
    // A shell without job control starts its children deaf to SIGINT; SIGTERM asks the same.
    let line = """
      \(command("stopped", "--set training.epochs=2000 --jobs 1")) > /dev/null &
      pid=$!
      until ls \(scratch.url.path)/stopped/checkpoints/*.h5 > /dev/null 2>&1; do sleep 0.1; done
      kill -TERM $pid
      wait $pid
      """
    let outcome = try Tool.shell(line)
    #expect(outcome.exitCode == 130)
    #expect(outcome.messages.contains("the same command goes on from here"))
    #expect(!outcome.messages.contains("continuum worker"))
    let checkpoints = try FileManager.default.contentsOfDirectory(
      atPath: scratch.url.appending(path: "stopped/checkpoints").path)
    #expect(checkpoints.contains { $0.hasSuffix(".h5") })
  }

  @Test func aFinishedRunIsNeverRunAgain() throws {
    let first = try Tool.shell(command("again"))
    try #require(first.exitCode == 0, "\(first.messages)")
    let before = try records("again").map(\.provenance.started)
    let second = try Tool.shell(command("again"))
    #expect(second.exitCode == 0)
    #expect(second.messages.contains("2 runs, 2 done before"))
    #expect(try records("again").map(\.provenance.started) == before)
    #expect(second.output == first.output)
  }

  @Test func aRunThatDivergesFailsWithItsStepAndTheSweepGoesOn() throws {
    let outcome = try Tool.shell(
      command(
        "failed",
        "--set training.weightDecay=1 "
          + "--set 'training.optimizer={kind: \"sgd\", learningRate: 1000}'"))
    #expect(outcome.exitCode == 1)
    #expect(outcome.messages.contains("the loss is not finite at step"))
    #expect(outcome.messages.contains("2 of 2 runs failed"))
    // Each is told where it happens and at the end, and when the same command is given again.
    #expect(outcome.messageLines.count { $0.contains("the loss is not finite") } == 4)
    let again = try Tool.shell(
      command(
        "failed",
        "--set training.weightDecay=1 "
          + "--set 'training.optimizer={kind: \"sgd\", learningRate: 1000}'"))
    #expect(again.exitCode == 1)
    #expect(again.messageLines.count { $0.contains("the loss is not finite") } == 2)
    #expect(again.messages.contains("with the same settings they fail again"))
    let records = try records("failed")
    #expect(records.count == 2)
    for record in records {
      guard case .failed(let reason) = record.status else {
        Issue.record("\(record.id) did not fail")
        continue
      }
      #expect(reason.contains("the first output that is not"))
    }
  }

  @Test func theDryRunListsRunsCostsAndTimeAndTrainsNothing() throws {
    let outcome = try Tool.shell(command("dry", "--dry-run"))
    #expect(outcome.exitCode == 0)
    let row = outcome.output.split(separator: "\n").first { $0.hasPrefix("separable-conv") }
    #expect(
      row?.split(separator: " ").dropLast() == [
        "separable-conv", "1", "220", "10,784", "—", "192",
      ])
    #expect(outcome.output.contains("2 runs, 0 done"))
    #expect(!outcome.output.contains("≈"))
    #expect(!FileManager.default.fileExists(atPath: scratch.url.appending(path: "dry").path))
  }

  @Test func theDryRunOfAHugeNetworkIsBounded() throws {
    let start = ContinuousClock.now
    let outcome = try Tool.shell(command("dry", "--dry-run --set network.width=8192"))
    let duration = ContinuousClock.now - start
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.output.contains(" ≈ "))
    #expect(outcome.output.contains("≈ from fewer images or from the multiply-adds"))
    #expect(duration < .seconds(60))
  }

  /// The sweep goes on as it was planned, whatever becomes of its file and its workers.
  @Test func aChangedFileChangesNoSweepThatHasBegun() throws {
    let line = """
      \(command("edited", "--jobs 1 --quiet --set training.epochs=60")) > /dev/null &
      until ls \(scratch.url.path)/edited/checkpoints/*.h5 > /dev/null 2>&1; do sleep 0.05; done
      echo broken > \(file)
      for process in /proc/[0-9]*; do
        [[ $(readlink $process/exe) == */continuum ]] || continue
        tr '\\0' ' ' < $process/cmdline | grep -q ' worker .*\(scratch.url.path)/edited' || continue
        kill -KILL ${process#/proc/} && echo killed
      done 2> /dev/null
      wait $!
      """
    let outcome = try Tool.shell(line)
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.output == "killed\n")
    let done = try records("edited")
    #expect(done.count == 2)
    #expect(done.allSatisfy { $0.status == .finished })
  }

  /// Two sweeps in one folder: the second says that it waits, and can be stopped meanwhile.
  @Test func aSecondSweepWaitsAudiblyAndCanBeStopped() throws {
    let long = command(
      "both",
      "--jobs 1 --set training.epochs=100000 "
        + "--set 'vary.network.block=[{kind: \"regular-conv\"}]'")
    let line = """
      \(long) > /dev/null 2>&1 &
      first=$!
      until ls \(scratch.url.path)/both/checkpoints/*.h5 > /dev/null 2>&1; do sleep 0.05; done
      \(long) > /dev/null 2> \(scratch.url.path)/second &
      second=$!
      until grep -q waiting \(scratch.url.path)/second; do sleep 0.05; done
      kill -TERM $second
      wait $second
      echo $?
      kill -TERM $first
      wait $first
      cat \(scratch.url.path)/second >&2
      """
    let outcome = try Tool.shell(line)
    #expect(outcome.output == "130\n")
    #expect(outcome.messages.contains("waiting for another process, which does regular-conv"))
    #expect(outcome.messages.contains("stopped with 0 of 1 runs done"))
  }

  @Test func resultsThatCannotBeWrittenAreOneMessage() throws {
    let blocked = try scratch.write("", to: "blocked")
    for (folder, reason) in [
      (blocked, "cannot hold results: Not a directory"),
      ("/proc/results", "cannot be made to hold results"),
    ] {
      for verb in ["run \(file)", "train probe --dataset coupling"] {
        let outcome = try Tool.shell("continuum \(verb) --results \(folder) --quiet")
        #expect(outcome.exitCode == 2)
        #expect(outcome.messageLines.count == 1, "\(outcome.messages)")
        #expect(outcome.messages.contains("\(folder): \(reason)"))
        #expect(!outcome.messages.contains("Error Domain"))
      }
    }
  }

  @Test(arguments: [
    ("--set training.epoch=2", "did you mean \"epochs\""),
    ("--set training.epochs=0", "training.epochs is 0; it must"),
    ("--set network.block.kind=seperable-conv", "did you mean \"separable-conv\""),
    ("--set nonsense", "must have the form path=value"),
    ("--set data.channels=6", "data.channels is 6"),
    ("--set training.batch=4096", "it must be at most the 512 training images"),
  ])
  func badSettingsAreRefused(_ option: String, _ message: String) throws {
    let varied = option.contains("block") ? " --set vary=null" : ""
    let outcome = try Tool.shell(command("bad", option + varied))
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains(message), "\(outcome.messages)")
    #expect(!outcome.wasKilled)
  }
}
