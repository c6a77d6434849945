// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// Runs that are made again: damaged, failed, named, or without the weights that are asked for.
@Suite(.serialized) struct AgainTests {
  private static let experiment = """
    {
      "question": "What is made again?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 70, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4},
      "training": {"epochs": 1, "batch": 16},
      "seeds": 3,
    }
    """

  private let scratch: ScratchFolder
  private let file: String
  private let results: String

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(Self.experiment, to: "experiment.json")
    results = scratch.url.appending(path: "results").path
  }

  private func run(_ options: String = "") throws -> Tool.Outcome {
    try Tool.shell("continuum run \(file) --results \(results) --jobs 1 \(options)")
  }

  /// Of the three runs, by seed.
  private func records(_ parts: RunRecord.Parts = []) throws -> [RunRecord] {
    try RunDirectory.records(in: results, reading: parts).sorted { $0.seed < $1.seed }
  }

  private func bytes(_ id: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(results)/runs/\(id).h5"))
  }

  @Test func aDamagedFileIsNamedAndMadeAgain() throws {
    let first = try run()
    try #require(first.exitCode == 0, "\(first.messages)")
    let before = try records()
    let id = before[1].id
    let whole = try bytes(id)
    try whole.prefix(whole.count / 2).write(
      to: URL(fileURLWithPath: "\(results)/runs/\(id).h5"))
    let dry = try run("--dry-run")
    #expect(dry.exitCode == 0 && dry.output.contains("3 runs, 2 done"))
    #expect(dry.output.contains("seed 1, whose file is damaged: \(results)/runs/\(id).h5: "))
    #expect(try bytes(id).count == whole.count / 2)
    let second = try run()
    #expect(second.exitCode == 0, "\(second.messages)")
    #expect(second.messages.contains("2 done before, 1 to make again"))
    #expect(second.messages.contains("whose file is damaged: \(results)/runs/\(id).h5: "))
    #expect(second.messageLines.count { $0.hasPrefix("done ") } == 1)
    #expect(try records().map(\.metrics) == before.map(\.metrics))
    #expect(second.output.split(separator: "\n").first == first.output.split(separator: "\n").first)
  }

  @Test("the command that a table prints for a damaged file makes it again as it was asked for")
  func thePrintedCommandWorks() throws {
    try #require(try run("--set training.epochs=2 --quiet").exitCode == 0)
    let ids = try records().map(\.id)
    let whole = try bytes(ids[1])
    let path = "\(results)/runs/\(ids[1]).h5"
    try whole.prefix(100).write(to: URL(fileURLWithPath: path))
    let table = try Tool.shell("continuum table \(results)")
    let parts = table.messages.split(separator: "`")
    let command = try #require(parts.first { $0.hasPrefix("continuum run ") })
    let again = try Tool.shell("\(command) --quiet")
    #expect(again.exitCode == 0, "\(command): \(again.messages)")
    #expect(try records().map(\.id) == ids)
    #expect(try records()[1].configuration.contains("\"epochs\":2"))
  }

  @Test("a damaged file of a run whose weights were kept is made again with them")
  func keptWeightsAreKept() throws {
    try #require(try run("--keep-weights --quiet").exitCode == 0)
    let id = try records()[1].id
    try bytes(id).prefix(100).write(to: URL(fileURLWithPath: "\(results)/runs/\(id).h5"))
    #expect(try run("--quiet").exitCode == 0)
    #expect(try records(.weights).allSatisfy { !$0.weights.isEmpty })
  }

  /// What a table calls failed is what FAILED makes again, whatever program wrote it.
  @Test func anOlderRunWithoutANumberFailed() throws {
    try #require(try run("--quiet").exitCode == 0)
    var record = try records()[0]
    record.metrics["test/loss"] = .nan
    try record.write(to: "\(results)/runs/\(record.id).h5")
    let table = try Tool.shell("continuum table \(results)")
    #expect(table.output.contains("test/loss is not finite"), "\(table.output)")
    let again = try run("--again FAILED")
    #expect(again.messages.contains("1 to make again"), "\(again.messages)")
    #expect(try records().allSatisfy { $0.failure == nil })
  }

  /// A file that is another run's is nobody's to replace.
  @Test func aForeignFileUnderARunsNameIsAnError() throws {
    try #require(try run().exitCode == 0)
    let ids = try records().map(\.id)
    let copy = try bytes(ids[0])
    try copy.write(to: URL(fileURLWithPath: "\(results)/runs/\(ids[2]).h5"))
    let outcome = try run()
    #expect(outcome.exitCode == 2)
    #expect(
      outcome.messages.contains(
        "\(results)/runs/\(ids[2]).h5: holds the run \(ids[0]), as \(ids[0]).h5 does: remove it"))
    #expect(try bytes(ids[2]) == copy)
  }

  @Test func namedRunsAreMadeAgainToTheSameBits() throws {
    try #require(try run("--keep-weights").exitCode == 0)
    let before = try records(.weights)
    let ids = before.map(\.id)
    let outcome = try run("--again \(ids[2]),\(ids[0])")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    #expect(outcome.messages.contains("1 done before, 2 to make again"))
    #expect(outcome.messageLines.count { $0.hasPrefix("  ") && $0.hasSuffix("as asked") } == 2)
    #expect(outcome.messageLines.count { $0.hasPrefix("done ") } == 2)
    #expect(!outcome.messages.contains("differ"))
    let after = try records(.weights)
    #expect(after.map(\.metrics) == before.map(\.metrics))
    // Nobody asked for weights this time, but those that were there stay.
    #expect(after.map { $0.weights.map(\.values) } == before.map { $0.weights.map(\.values) })
    #expect(before[0].weights.count > 0)
  }

  @Test func anUnknownNameIsRefusedWithTheNearest() throws {
    try #require(try run().exitCode == 0)
    let id = try records()[0].id
    for (word, nearest) in [("FAILD", "FAILED"), (String(id.dropLast()), id)] {
      let outcome = try run("--again \(word)")
      #expect(outcome.exitCode == 2)
      #expect(outcome.messages.contains("--again is \"\(word)\"; it must be FAILED or identifiers"))
      #expect(outcome.messages.contains("(did you mean \"\(nearest)\"?)"), "\(outcome.messages)")
    }
  }

  /// A failure that is made again and found again is one failure still.
  @Test func failedRunsAreMadeAgain() throws {
    let diverging =
      "--set training.weightDecay=1 --set training.epochs=20 "
      + "--set 'training.optimizer={kind: \"sgd\", learningRate: 1000}'"
    let first = try run(diverging + " --quiet")
    #expect(first.exitCode == 1)
    #expect(first.messageLines.first?.hasSuffix("3 of 3 runs failed") == true)
    let reason = #/\): the (evaluation|weights|loss).* not finite/#
    #expect(first.messageLines.count { $0.contains(reason) } == 3, "\(first.messages)")
    let files = try records().map(\.provenance.started)
    let asked = try run(diverging)
    #expect(asked.messages.contains("3 runs, 3 done before, 3 of them failed\n"))
    let dry = try run(diverging + " --dry-run")
    #expect(dry.output.contains("3 runs, 3 done, 3 of them failed; "), "\(dry.output)")
    let again = try run(diverging + " --again FAILED")
    #expect(again.exitCode == 1)
    #expect(again.messages.contains("0 done before, 3 to make again"))
    #expect(again.messageLines.count { $0.contains(#/which failed: the .* not finite/#) } == 3)
    #expect(try records().count == files.count)
    // One that would end well today takes the place of its failed file.
    let good = try run()
    try #require(good.exitCode == 0, "\(good.messages)")
    var failed = try #require(try records().first { $0.status == .finished })
    let metrics = failed.metrics
    failed.status = .failed(reason: "the machine was on fire")
    failed.metrics = [:]
    try failed.write(to: "\(results)/runs/\(failed.id).h5")
    #expect(try run().exitCode == 1)
    #expect(try run("--again FAILED").exitCode == 0)
    let mended = try #require(try records().first { $0.id == failed.id })
    #expect(mended.status == .finished && mended.metrics == metrics)
  }

  /// Asked for weights that are not there, a sweep says which runs it makes again, and does so.
  @Test func missingWeightsAreMade() throws {
    try #require(try run().exitCode == 0)
    let before = try records(.weights)
    #expect(before.allSatisfy { $0.weights.isEmpty })
    let dry = try run("--keep-weights --dry-run")
    #expect(dry.output.contains("3 runs, 0 done"))
    let outcome = try run("--keep-weights")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    for record in before {
      #expect(outcome.messages.contains("(\(record.id)), whose file holds no weights"))
    }
    let after = try records(.weights)
    #expect(after.allSatisfy { !$0.weights.isEmpty })
    #expect(after.map(\.metrics) == before.map(\.metrics))
    let last = try run("--keep-weights")
    #expect(last.messages.contains("3 runs, 3 done before\n"))
  }

  /// What of the data is never used is said once, and every evaluation is a line of the log.
  @Test func theLogSaysHowRunsGo() throws {
    let outcome = try run("--set training.epochs=2 --set data.validation=6 --set data.train=76")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let left =
      "every epoch leaves out 6 images of 70, other ones each time: they fill no batch of 16"
    #expect(outcome.messageLines.count { $0 == left } == 1, "\(outcome.messages)")
    for seed in 0..<3 {
      for epoch in 1...2 {
        let line =
          "separable-conv, between none, width 4, seed \(seed): epoch \(epoch) of 2, train loss "
        let told = outcome.messageLines.filter { $0.hasPrefix(line) }
        #expect(told.count == 1, "\(outcome.messages)")
        #expect(told.first?.contains(/validation top-1 [0-9.]+ %, [0-9,.]+ images\/s$/) == true)
      }
    }
    let quiet = try run("--again FAILED --quiet --set seeds=4")
    #expect(quiet.exitCode == 0 && quiet.messages.isEmpty)
  }

  /// Each takes seconds where the terminal is drawn several times a second.
  private let longRuns = "--jobs 1 --set training.epochs=600 --set seeds=2"

  /// On a terminal a line for each running job stands above the bar, and gives way to the next.
  @Test func aTerminalShowsEveryRunningJob() throws {
    let line = "continuum run \(file) --results \(results) \(longRuns)"
    let outcome = try Tool.shell(
      "type script > /dev/null 2>&1 || exit 77; "
        + "TERM=xterm script -qec 'stty cols 100 && \(line)' /dev/null < /dev/null")
    guard outcome.exitCode != 77 else { return }
    #expect(outcome.exitCode == 0)
    let shown = outcome.output.replacing("\r\n", with: "\n")
    #expect(shown.contains(/seed 0  epoch 1\/600  step [0-9]+\/2,400  train loss [0-9.]+/))
    #expect(
      shown.contains(
        /epoch [0-9]+\/600  (step [0-9]+\/2,400  )?train loss [0-9.]+  test top-1 [0-9.]+ %/))
    #expect(shown.contains("\u{1B}[1A\u{1B}[J"))
    #expect(!shown.contains(": epoch 1 of 600"))
    for part in shown.split(whereSeparator: { $0 == "\n" || $0 == "\r" })
    where part.contains("  epoch ") {
      #expect(part.count < 100 + 7)
    }
  }

  /// In few columns the name gives way before loss and accuracy do.
  @Test func lossAndAccuracyStayInFewColumns() throws {
    let line = "continuum run \(file) --results \(results) \(longRuns)"
    let outcome = try Tool.shell(
      "type script > /dev/null 2>&1 || exit 77; "
        + "TERM=xterm script -qec 'stty cols 40 && \(line)' /dev/null < /dev/null")
    guard outcome.exitCode != 77 else { return }
    #expect(outcome.exitCode == 0)
    let shown = outcome.output.replacing("\r\n", with: "\n")
    #expect(
      shown.contains(/s(eed )?[01]  (epoch )?[0-9]+\/600  loss [0-9.]+  top-1 [0-9.]+ %\n/))
  }

  /// A log has a line for each evaluation, and at most once a minute one of how far all has come.
  @Test func aLogHasNoCrowdOfProgress() throws {
    let began = Date()
    let outcome = try run("--set training.epochs=400 --set seeds=2")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    let minutes = Int(Date().timeIntervalSince(began) / 60)
    let progress = outcome.messageLines.filter { $0.contains(/^[0-9]\/2 runs [0-9]+ %/) }
    #expect(progress.count <= minutes && Set(progress).count == progress.count)
    #expect(outcome.messageLines.count { $0.contains(": epoch ") } == 2 * 400)
  }

  /// What was asked lies beside the runs, once for each asking.
  @Test func whatWasAskedIsWrittenDown() throws {
    try #require(try run("--quiet").exitCode == 0)
    try #require(try run("--quiet").exitCode == 0)
    let one = try ExperimentRecord.all(in: results)
    #expect(one.count == 1)
    #expect(one.first?.question == "What is made again?")
    let ids = try records().map(\.id)
    #expect(one.first?.points.map { $0.runs.map(\.id) } == [ids])
    // Fewer seeds of the same are another asking, even though nothing is left to do.
    try #require(try run("--quiet --set seeds=2").exitCode == 0)
    let two = try ExperimentRecord.all(in: results)
    #expect(Set(two.map { $0.points[0].runs.count }) == [2, 3])
  }
}
