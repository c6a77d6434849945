// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// Several `run`s on one results folder, and workers whose `run` is gone.
@Suite(.serialized) struct SharedFolderTests {
  private static let experiment = """
    {
      "question": "Is every run done once?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4},
      "training": {"epochs": 1, "batch": 16},
      "seeds": 4,
      "vary": {"network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]},
    }
    """

  private let scratch: ScratchFolder
  private let file: String

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(Self.experiment, to: "experiment.json")
  }

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  private func command(_ results: String, _ options: String = "") -> String {
    "continuum run \(file) --results \(path(results)) --jobs 2 --threads 2 \(options)"
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: path(name), encoding: .utf8)
  }

  /// Two runners begin at the same moment, again and again: between them every run is done once,
  /// none fails, both say that all is done, and nothing is left but the results.
  @Test func twoRunnersDoEveryRunOnce() throws {
    for repetition in 0..<10 {
      let (first, second) = (
        command("shared\(repetition)") + "> /dev/null 2> \(path("first"))",
        command("shared\(repetition)") + "> /dev/null 2> \(path("second"))"
      )
      let outcome = try Tool.shell(
        "\(first) & one=$!; \(second) & wait $!; echo $?; wait $one; echo $?")
      let told = try [text("first"), text("second")]
      #expect(outcome.output == "0\n0\n", "\(told)")
      let lines = told.flatMap { $0.split(separator: "\n") }
      #expect(lines.count { $0.hasPrefix("done ") && !$0.hasPrefix("done by") } == 8, "\(told)")
      #expect(lines.count { $0.contains(": epoch 1 of 1, ") } == 8, "\(told)")
      #expect(!lines.contains { $0.hasPrefix("failed") }, "\(told)")
      let folder = path("shared\(repetition)")
      let records = try RunDirectory.records(in: folder)
      #expect(records.count == 8 && records.allSatisfy { $0.status == .finished })
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/checkpoints"))
    }
  }

  /// The second takes what is free while the first is busy, and takes the rest over when it dies:
  /// the first one's worker, stopped in its run, finds its sweep gone when it goes on.
  @Test func aRunnerTakesOverFromOneThatDied() throws {
    let long = command("both", "--set training.epochs=1000 --set seeds=1")
      .replacing("--jobs 2", with: "--jobs 1")
    let line = """
      \(long) --set training.evaluateEveryEpochs=1000 > /dev/null 2>&1 &
      one=$!
      until ls \(path("both"))/checkpoints/*.lock > /dev/null 2>&1; do sleep 0.01; done
      worker=$(pgrep -P $one)
      kill -STOP $worker
      \(long) --set training.evaluateEveryEpochs=1000 > /dev/null 2> \(path("second")) &
      two=$!
      until grep -q '^waiting for another' \(path("second")); do sleep 0.02; done
      kill -KILL $one
      kill -CONT $worker
      wait $two
      echo $?
      """
    let outcome = try Tool.shell(line)
    let told = try text("second")
    #expect(outcome.output == "0\n", "\(told)")
    let first = "regular-conv, seed 0"
    #expect(told.contains("another process does \(first)"))
    let done = told.split(separator: "\n").filter { $0.hasPrefix("done ") }
    #expect(
      done == ["done 1/2: separable-conv, seed 0", "done 2/2: \(first)"])
    #expect(try RunDirectory.records(in: path("both")).count == 2)
  }

  /// Runs a command while another process holds the lock of a finished run of the folder, and brings
  /// its file only when the command has nothing left to do but to wait for it.
  private func run(
    _ command: String, whileAnotherDoes id: String, in results: String
  ) throws -> Tool.Outcome {
    let (folder, told, held) = (path(results), path("told"), path("held"))
    return try Tool.shell(
      """
      : > \(told); rm -f \(held); mkdir -p \(folder)/checkpoints
      mv \(folder)/runs/\(id).h5 \(path("aside"))
      flock \(folder)/checkpoints/\(id).lock bash -c "
        touch \(held)
        for attempt in \\$(seq 1000); do
          grep -q '^waiting for another' \(told) && break
          sleep 0.02
        done
        mv \(path("aside")) \(folder)/runs/\(id).h5" &
      until [ -e \(held) ]; do sleep 0.01; done
      \(command) 2> \(told)
      code=$?
      wait
      cat \(told) >&2
      exit $code
      """)
  }

  private func hasWeights(_ results: String) throws -> [Bool] {
    try RunDirectory.records(in: path(results), reading: .weights).map { !$0.weights.isEmpty }
  }

  /// Who asks for weights gets them, also of a run that another process finishes without them.
  @Test func aRunThatAnotherMadeWithoutWeightsIsMadeAgain() throws {
    let two = command("weights", "--set seeds=1").replacing("--jobs 2", with: "--jobs 1")
    try #require(try Tool.shell("\(two) --quiet").exitCode == 0)
    let ids = try RunDirectory.records(in: path("weights")).map(\.id)
    let outcome = try run("\(two) --keep-weights", whileAnotherDoes: ids[0], in: "weights")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    let lacking = ", seed 0 (\(ids[0])), whose file holds no weights"
    let made = outcome.messageLines.filter {
      $0.hasPrefix("made again: ") && $0.hasSuffix(lacking)
    }
    #expect(made.count == 1, "\(outcome.messages)")
    #expect(outcome.messageLines.count { $0.hasPrefix("done ") } == 2, "\(outcome.messages)")
    #expect(!outcome.messages.contains("done by another process"))
    #expect(try hasWeights("weights") == [true, true])
    // One that has its weights is taken as it is.
    let other = try run("\(two) --keep-weights", whileAnotherDoes: ids[1], in: "weights")
    #expect(other.exitCode == 0 && other.messages.contains("done by another process 1/1: "))
    #expect(!other.messages.contains("made again"))
  }

  /// The commands that `train` prints at its end work, whoever made the run.
  @Test func trainHasItsWeightsWhoeverMadeTheRun() throws {
    let train =
      "continuum train probe --dataset coupling --set data.channels=4 --set data.classes=4 "
      + "--set data.size=8 --set data.train=64 --set data.test=32 --set data.calibrationImages=256 "
      + "--batch 16 --epochs 1 --results \(path("trained"))"
    try #require(try Tool.shell("\(train) --no-weights --quiet").exitCode == 0)
    let id = try #require(try RunDirectory.records(in: path("trained")).first).id
    let outcome = try run(train, whileAnotherDoes: id, in: "trained")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("(\(id)), whose file holds no weights"))
    let evaluate = outcome.output.split(separator: "\n").first { $0.contains("evaluate") }
    #expect(try Tool.shell(String(try #require(evaluate))).exitCode == 0)
  }

  /// A run that failed elsewhere is told as one that failed, with its reason.
  @Test func aRunThatFailsInAnotherProcessIsToldSo() throws {
    let diverging = command(
      "nan",
      "--set seeds=1 --set training.weightDecay=1 --set training.epochs=20 "
        + "--set 'training.optimizer={kind: \"sgd\", learningRate: 1000}'")
    try #require(try Tool.shell("\(diverging) --quiet").exitCode == 1)
    let record = try #require(try RunDirectory.records(in: path("nan")).first)
    let reason = try #require(record.failure)
    let outcome = try run(diverging, whileAnotherDoes: record.id, in: "nan")
    #expect(outcome.exitCode == 1, "\(outcome.messages)")
    #expect(outcome.messages.contains("2 runs, 1 done before, which failed; 1 side by side"))
    let told = outcome.messageLines.filter { $0.hasPrefix("failed in another process 1/1: ") }
    #expect(told.count == 1, "\(outcome.messages)")
    #expect(told.first?.hasSuffix(", seed 0: \(reason)") == true, "\(told)")
    #expect(!outcome.messages.contains("done by another process"))
  }

  /// A worker notices that its sweep is gone, within a second and some for a busy machine, even in
  /// the middle of a long step.
  @Test func aWorkerDoesNotOutliveItsSweep() throws {
    let slow =
      "--set seeds=1 --set training.batch=512 --set data.train=512 --set network.width=64 "
      + "--set data.size=16 --set training.epochs=100000"
    let line = """
      \(command("dying", slow)) > /dev/null 2>&1 &
      parent=$!
      until ls \(path("dying"))/checkpoints/*.lock > /dev/null 2>&1; do sleep 0.05; done
      workers=$(pgrep -P $parent)
      [ -n "$workers" ] || exit 3
      kill -KILL $parent
      for attempt in $(seq 60); do
        left=0
        for worker in $workers; do
          grep -qsv Z <(sed 's/.*) //' /proc/$worker/stat 2> /dev/null | cut -c1) && left=1
        done
        [ $left = 0 ] && { echo gone; exit 0; }
        sleep 0.05
      done
      kill -KILL $workers
      echo there
      """
    let outcome = try Tool.shell(line)
    #expect(outcome.output == "gone\n", "\(outcome.messages)")
  }

  /// Whoever removes the results while they are made is told, by exit code and name.
  @Test func removedResultsAreAnError() throws {
    let line = """
      \(command("removed", "--set training.epochs=400 --quiet")) > /dev/null 2> \(path("told")) &
      until ls \(path("removed"))/checkpoints/*.lock > /dev/null 2>&1; do sleep 0.02; done
      rm -rf \(path("removed"))
      wait $!
      echo $?
      """
    let outcome = try Tool.shell(line)
    let told = try text("told")
    #expect(outcome.output == "1\n", "\(told)")
    #expect(told.contains("8 of 8 runs failed"), "\(told)")
    #expect(told.contains("regular-conv, seed 0 ("), "\(told)")
    #expect(told.contains("removed/runs"), "\(told)")
  }
}
