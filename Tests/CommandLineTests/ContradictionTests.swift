// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// What the command line or a results folder says twice, in two ways.
@Suite(.serialized) struct ContradictionTests {
  private static let experiment = """
    {"data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 70, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4}, "training": {"epochs": 1, "batch": 16}}
    """

  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    try FileManager.default.createDirectory(
      at: scratch.url.appending(path: "foo"), withIntermediateDirectories: true)
    for name in ["experiment", "foo"] {
      _ = try scratch.write(Self.experiment, to: "foo/\(name).json")
    }
  }

  private func shell(_ line: String) throws -> Tool.Outcome {
    try Tool.shell("continuum \(line)", in: scratch.url)
  }

  @Test(arguments: [
    ("run foo --seed 5 --set seeds=3", "--seed 5 and --set seeds=3 "),
    (
      "run foo --set training.epochs=1 --set training.epochs=2",
      "--set training.epochs=1 and --set training.epochs=2 "
    ),
    (
      "run foo --set training.epochs=2 --set 'training={epochs: 3}'",
      "--set training.epochs=2 and --set training={epochs: 3} "
    ),
    (
      "train probe --dataset coupling --epochs 1 --set training.epochs=2",
      "--epochs 1 and --set training.epochs=2 "
    ),
    (
      "train probe --dataset coupling --batch 8 --set training.batch=4",
      "--batch 8 and --set training.batch=4 "
    ),
    (
      "train probe --dataset coupling --set data.kind=mnist",
      "--dataset coupling and --set data.kind=mnist "
    ),
    (
      "train probe --dataset coupling --set network=stack",
      "the network probe and --set network=stack "
    ),
    (
      "train probe --dataset coupling --weights a.h5 --set transfer.weights=b.h5",
      "--weights a.h5 and --set transfer.weights=b.h5 "
    ),
  ])
  func twoWordsForOneFieldAreAnError(_ line: String, _ text: String) throws {
    let outcome = try shell(line)
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains(text + "decide the same field"), "\(outcome.messages)")
  }

  @Test func anotherExperimentsFolderIsRefused() throws {
    try #require(try shell("run foo --quiet").exitCode == 0)
    #expect(try shell("run foo").exitCode == 0)
    let other = try shell("run foo/foo.json")
    #expect(other.exitCode == 2)
    #expect(other.messages.contains("another experiment, foo/experiment.json; name another folder"))
    let shared = try shell("run foo/foo.json --results Results/foo")
    #expect(shared.exitCode == 0)
    #expect(shared.messages.contains("another experiment, foo/experiment.json, too: tables"))
    // It stays this one's folder, and a moved experiment's.
    #expect(try shell("run foo").exitCode == 0)
    try FileManager.default.moveItem(
      at: scratch.url.appending(path: "foo"), to: scratch.url.appending(path: "bar"))
    let moved = try shell("run bar --results Results/foo")
    #expect(moved.exitCode == 0)
    #expect(!moved.messages.contains("foo/experiment.json"), "\(moved.messages)")
  }

  /// `train` takes what its message recommends, and one run's failure has no others.
  @Test func trainMakesFailedRunsAgain() throws {
    let line =
      "train probe --dataset coupling --epochs 20 --set training.weightDecay=1 --set data.train=64 "
      + "--set 'training.optimizer={kind: \"sgd\", learningRate: 1000}' --set data.test=32"
    let first = try shell(line)
    #expect(first.exitCode == 1 && first.messages.contains("--again FAILED"))
    #expect(!first.messages.contains("tries"))
    for text in ["probe", "failed", "seed 0", "parameters"] {
      #expect(first.output.contains(text), "\(first.output)")
    }
    let again = try shell("\(line) --again FAILED")
    #expect(again.exitCode == 1 && again.messages.contains("1 to make again"))
  }

  @Test func aStoppedRemakeIsNotCalledDone() throws {
    let line =
      "timeout --foreground -s INT 3 continuum run foo --results results --jobs 1 "
      + "--set training.epochs=100000"
    try #require(try Tool.shell(line, in: scratch.url).exitCode != 0)
    let folder = scratch.url.appending(path: "results")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "checkpoints").path
      ).first { $0.hasSuffix(".h5") })
    let id = String(name.dropLast(3))
    // As if the long run had ended once.
    try #require(try shell("run foo --results results --quiet").exitCode == 0)
    var record = try #require(try RunDirectory.records(in: folder.path).first)
    record.id = id
    record.configuration = record.configuration.replacing(
      #/"epochs":[0-9]+/#, with: "\"epochs\":100000")
    try record.write(to: folder.appending(path: "runs/\(name)").path)
    let again = try Tool.shell("\(line) --again \(id)", in: scratch.url)
    #expect(again.messages.contains("stopped with 0 of 1 made again"), "\(again.messages)")
    let plain = try Tool.shell(line, in: scratch.url)
    #expect(plain.messages.contains("1 done before"))
    #expect(plain.messages.contains("--again \(id) goes on"), "\(plain.messages)")
  }

  /// In few columns whole fields give way, and no line is wider than the terminal.
  @Test(arguments: [80, 40]) func narrowTerminalsShowWholeNumbers(_ columns: Int) throws {
    let line =
      "continuum run foo --results results --jobs 2 --set training.epochs=600 "
      + "--set 'vary.training.optimizer.learningRate=[0.001,0.002]'"
    let outcome = try Tool.shell(
      "type script > /dev/null 2>&1 || exit 77; "
        + "TERM=xterm script -qec 'stty cols \(columns) && \(line)' /dev/null < /dev/null",
      in: scratch.url)
    guard outcome.exitCode != 77 else { return }
    let parts = outcome.output.split { $0 == "\r" || $0 == "\n" || $0 == "\r\n" }
      .map { $0.replacing(/\u{1B}\[[0-9]*[A-Z]/, with: "") }
    let lines = parts.filter { $0.contains(/\s\s(epoch )?[0-9]+\/600/) }
    #expect(!lines.isEmpty)
    for line in lines {
      #expect(line.count < columns)
      // Loss and accuracy matter more than the name.
      let hasName = line.contains(/0\.00[12], seed 0  (epoch )?[0-9]+\/600(  |$)/)
      let hasScores = line.contains(/^ *s(eed )?0  [0-9]+\/600  loss [0-9.]+  top-1 [0-9.]+ %$/)
      #expect(hasName || columns == 40 && hasScores, "\(line)")
      #expect(line.contains(/(\/600|loss [0-9.]+| %|left|images\/s)$/), "\(line)")
    }
    let bars = parts.filter { $0.contains("/2 runs ") }
    #expect(!bars.isEmpty && bars.allSatisfy { $0.count < columns && $0.contains(" %") })
  }
}
