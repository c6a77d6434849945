// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// Under limits of the system a command does its work or says in one sentence why not, and never
/// crashes or hangs. `timeout` is for the latter alone.
@Suite struct LimitTests {
  private static let experiment = """
    {
      "question": "Does it end?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4},
      "training": {"epochs": 1, "batch": 16},
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

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  private func run(_ limit: String, _ options: String = "") throws -> Tool.Outcome {
    try Tool.shell(
      """
      \(limit); exec timeout -k 5 100 \
      continuum run \(file) --results \(path("results")) --jobs 2 --threads 2 \(options)
      """)
  }

  private func expectASentence(_ outcome: Tool.Outcome, _ texts: String...) {
    #expect(outcome.exitCode == 2 && !outcome.wasKilled, "\(outcome.messages)")
    let lines = outcome.messageLines.filter { $0.hasPrefix("continuum run: ") }
    #expect(lines.count == 1, "\(outcome.messages)")
    for text in texts { #expect(lines.first?.contains(text) == true, "\(outcome.messages)") }
    #expect(!outcome.messages.contains("Error Domain"))
  }

  @Test(arguments: [8, 13, 23, 47])
  func fewOpenFilesAreASentence(_ count: Int) throws {
    let outcome = try run("ulimit -n \(count)")
    expectASentence(outcome, "\(count) files may be open at a time (ulimit -n)", "needed")
  }

  @Test func asManyOpenFilesAsAreAskedForAreEnough() throws {
    // With a file open whose number lies beyond the limit, as a shell may leave one.
    let outcome = try run("exec 100</dev/null; ulimit -n 48")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    let soft = try run("ulimit -Sn 16", "--set seeds=2")
    #expect(soft.exitCode == 0, "\(soft.messages)")
  }

  /// Batch systems limit addresses: OpenBLAS would ask for its buffers for ever.
  @Test(arguments: [300, 450, 520, 580, 700])
  func fewAddressesAreASentenceOrEnough(_ megabytes: Int) throws {
    let outcome = try run("ulimit -v \(megabytes * 1000)")
    if outcome.exitCode == 0 {
      #expect(try RunDirectory.records(in: path("results")).count == 2)
    } else if outcome.exitCode != 127 {
      // That is the loader's, which has no room for the libraries.
      expectASentence(outcome, "ulimit -v")
    }
  }

  @Test func manyAddressesAreEnough() throws {
    let processors = ProcessInfo.processInfo.activeProcessorCount
    let outcome = try run("ulimit -v \(3_000_000 + 20_000 * processors)")
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    let large = try run(
      "ulimit -v \(3_000_000 + 20_000 * processors)",
      "--set 'network={network: \"stack\", width: 4096}' --set vary=null")
    expectASentence(
      large, ": training with batch 16 takes ", "are left by ulimit -v; not even batch 1 fits")
  }

  /// Every run says which file could not be written and why; the next command does it.
  @Test func aLimitOnTheSizeOfFilesIsASentenceForEveryRun() throws {
    let outcome = try run("ulimit -f 16")
    #expect(outcome.exitCode == 1 && !outcome.wasKilled)
    #expect(outcome.messages.contains("2 of 2 runs failed"), "\(outcome.messages)")
    let reasons = outcome.messageLines.filter {
      $0.hasPrefix("  ") && $0.contains(".h5: cannot be written: File too large")
    }
    #expect(reasons.count == 2, "\(outcome.messages)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: path("results/runs")) == [])
    let again = try run("true")
    #expect(again.exitCode == 0, "\(again.messages)")
    #expect(try RunDirectory.records(in: path("results")).count == 2)
  }

  @Test func aRunsFilesAreWrittenWhereNobodyReadsItsOutput() throws {
    for (output, reason) in [(">&-", "Bad file descriptor"), ("> /dev/full", "No space left")] {
      let outcome = try run("rm -rf \(path("results"))", output)
      #expect(outcome.exitCode == 1)
      #expect(
        outcome.messageLines.last?.hasPrefix(
          "continuum run: standard output cannot be written: \(reason)") == true,
        "\(outcome.messages)")
      for name in ["table.md", "table.csv", "table.tex", "table.json"] {
        #expect(FileManager.default.fileExists(atPath: path("results/\(name)")))
      }
    }
    // What is opened next is taken for none of the three.
    let none = try run("rm -rf \(path("results"))", "<&- >&- 2>&-")
    #expect(none.exitCode == 1)
    #expect(try RunDirectory.records(in: path("results")).count == 2)
  }
}
