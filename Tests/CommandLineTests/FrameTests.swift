// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite("The command line's frame")
struct FrameTests {
  @Test("the overview lists every command once with a summary")
  func overviewListsCommands() throws {
    let names = try Tool.commandNames()
    #expect(Set(names).count == names.count)
    for name in [
      "zoo", "describe", "match", "run", "train", "evaluate", "predict", "table", "plot", "weights",
      "data", "bench",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(!names.contains("worker") && !names.contains("weight-reader"))
  }

  @Test("every command's help has a usage line and an example, with --help, -h and help")
  func everyCommandHasHelp() throws {
    let names = try Tool.commandNames()
    try #require(names.count >= 9)
    for name in names {
      let page = try Tool.output(name, "--help")
      #expect(page.contains("Usage:\n  continuum \(name)"))
      #expect(try !examples(of: name).isEmpty, "\(name) has no example")
      #expect(try Tool.output(name, "-h") == page)
      #expect(try Tool.output("help", name) == page)
      #expect(try Tool.output("--help", name) == page)
    }
  }

  @Test("every example of the help works as it stands")
  func examplesWork() throws {
    let folder = try ScratchFolder()
    try folder.addResults()
    try folder.addRates()
    try folder.addWeights()
    try folder.addCoupling()
    var count = 0
    for name in try Tool.commandNames() where !Self.trainingCommands.contains(name) {
      if name == "plot", !Self.hasGnuplot { continue }
      // Tests reach no network; `data fetch` has a server of its own in DownloadsTests.
      for example in try examples(of: name) where !example.contains("data fetch") {
        if example.contains("--figure"), !Self.hasGnuplot { continue }
        let outcome = try Tool.shell(example, in: folder.url)
        #expect(outcome.exitCode == 0, "\(example): \(outcome.messages)")
        #expect(!outcome.output.isEmpty, "\(example)")
        count += 1
      }
    }
    #expect(count >= 12)
  }

  @Test("global options stand before or after the command")
  func globalOptionsAnywhere() throws {
    let plain = try Tool.output("zoo")
    #expect(try Tool.output("--threads", "1", "--quiet", "zoo") == plain)
    #expect(try Tool.output("--threads=1", "zoo", "--seed", "7") == plain)
    #expect(try Tool.output("zoo", "--quiet") == plain)
  }

  @Test("--version prints one line")
  func version() throws {
    let line = try Tool.output("--version")
    #expect(line.split(separator: "\n").count == 1)
    #expect(line.wholeMatch(of: #/continuum \d+\.\d+\.\d+ \(([0-9a-f]{12}\+?|unknown)\)\n/#) != nil)
    #expect(try Tool.output("zoo", "--version") == line)
    // Whoever cites the program, or reads what changed, finds the same version.
    let version = String(line.split(separator: " ")[1])
    for (file, words) in [
      ("CITATION.cff", "version: \(version)\n"), ("CHANGELOG.md", "## \(version)"),
    ] {
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains(words), "\(file)")
    }
  }

  @Test("a reader that goes away early is no error")
  func closedPipe() throws {
    let line = "continuum describe stack --format json | head -1; echo ${PIPESTATUS[0]}"
    let outcome = try Tool.shell(line)
    #expect(outcome.output == "{\n0\n")
    #expect(outcome.messages.isEmpty)
    let gone = try Tool.shell("(sleep 0.2; continuum zoo; echo $? >&2) | true")
    #expect(gone.messages == "0\n")
  }

  @Test("output that cannot be written is a failure")
  func fullDisk() throws {
    let outcome = try Tool.shell("continuum zoo > /dev/full")
    #expect(outcome.exitCode == 1)
    #expect(outcome.messageLines.count == 1)
    #expect(outcome.messages.contains("No space left"))
  }

  @Test("commands that only count answer at once")
  func quickCommands() throws {
    var fastest = Double.infinity
    for _ in 0..<5 {
      let duration = try ContinuousClock().measure { _ = try Tool.output("zoo") }
      fastest = min(fastest, duration / .seconds(1))
    }
    #expect(fastest < 0.2)
  }

  /// Their examples train networks or need a downloaded data set; TrainTests and QuickstartTests try
  /// what they do, with less of it.
  private static let trainingCommands: Set = ["run", "train"]

  private static var hasGnuplot: Bool {
    ["/usr/bin", "/usr/local/bin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/gnuplot")
    }
  }

  private func examples(of command: String) throws -> [String] {
    let page = try Tool.output(command, "--help")
    let section = page.components(separatedBy: "\nExamples:\n").count == 2 ? "s" : ""
    return page.components(separatedBy: "\nExample\(section):\n").dropFirst()
      .flatMap { $0.split(separator: "\n") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { $0.hasPrefix("continuum ") }
  }
}
