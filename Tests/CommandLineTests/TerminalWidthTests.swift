// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tables
import Testing

/// Tables on a terminal, made by util-linux' `script`.
@Suite struct TerminalWidthTests {
  /// Lines of what the tool writes to a terminal of so many columns, or nil where none can be made.
  private func lines(_ words: String, columns: Int, variable: Int? = nil) throws -> [String]? {
    let tool = "stty cols \(columns); \(variable.map { "COLUMNS=\($0) " } ?? "")continuum \(words)"
    let mustRun = ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
    let found = try Tool.shell("script -qec true /dev/null > /dev/null")
    guard found.exitCode == 0 || mustRun else { return nil }
    let outcome = try Tool.shell("script -qec '\(tool)' /dev/null < /dev/null")
    try #require(outcome.exitCode == 0, "\(outcome.output) \(outcome.messages)")
    return outcome.output.replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
  }

  private func width(of rows: some Sequence<String>) -> Int {
    rows.map(PrintableText.displayWidth).max() ?? 0
  }

  @Test func aTableIsAsWideAsTheTerminal() throws {
    let wide = try Tool.output("describe", "probe", "stack", "--format", "markdown")
    let whole = wide.split(separator: "\n").map(String.init).filter { $0.hasPrefix("|") }
    #expect(width(of: whole) > 110, "a file's lines are of any length")
    for columns in [60, 90, 110] {
      guard
        let lines = try lines("describe probe stack --format markdown", columns: columns)
      else { return }
      let rows = lines.filter { $0.hasPrefix("|") }
      #expect(rows.count >= 4 && width(of: rows) <= columns)
      let isShort = !rows.joined().contains("layers")
      #expect(lines.contains { $0.contains("Left out for want of room") } == isShort)
    }
    #expect(
      try lines("describe probe stack --format markdown", columns: 300)?
        .filter { $0.hasPrefix("|") } ?? whole == whole)
  }

  /// Rows and notes of results, however narrow the terminal.
  @Test(arguments: [80, 70, 40, 20]) func resultsFitEveryTerminal(columns: Int) throws {
    let results = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Results/quickstart").path
    for against in ["", " --against extreme-inception"] {
      guard let lines = try lines("table \(results)\(against)", columns: columns) else { return }
      #expect(width(of: lines) <= columns, "\(against)")
      #expect(lines.contains { $0.contains("97.50 ± 0.32") })
      #expect(lines.contains { $0.hasPrefix("| ") } == (columns >= (against.isEmpty ? 70 : 80)))
    }
  }

  @Test func aTerminalThatDoesNotKnowItsWidthIsAskedOfTheEnvironment() throws {
    guard let told = try lines("zoo", columns: 0, variable: 70) else { return }
    #expect((60...70).contains(width(of: told)))
    #expect((70...80).contains(width(of: try lines("zoo", columns: 0, variable: 0) ?? [])))
  }
}
