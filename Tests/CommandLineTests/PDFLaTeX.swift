// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What pdflatex, where it is installed, makes of a table.
enum PDFLaTeX {
  /// How much boxes are too wide, and what else is wrong.
  struct Outcome: Equatable {
    /// In points; those up to one point are left out.
    var overfull: [Double] = []
    /// Errors, and floats larger than a page.
    var faults: [String] = []
  }

  /// Whether it is there; `.ci/run` has it.
  static let isInstalled: Bool = {
    let found = try? Tool.shell("type pdflatex > /dev/null 2>&1")
    return found?.exitCode == 0
  }()

  /// Sets the source in an article of one column on A4, with the default margins.
  ///
  /// - Returns: nil where there is no pdflatex and nothing demands it.
  static func outcome(_ source: String) throws -> Outcome? {
    let mustRun = ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
    guard isInstalled || mustRun else { return nil }
    try #require(isInstalled, "pdflatex is missing: make testdeps")
    let scratch = try ScratchFolder()
    _ = try scratch.write(
      """
      \\documentclass[a4paper]{article}
      \\usepackage{booktabs,longtable,array,pdflscape}
      \\begin{document}
      \(source)
      \\end{document}
      """, to: "page.tex")
    // Columns of a long table find their widths from one run to the next.
    let run = "pdflatex -interaction=nonstopmode -halt-on-error page.tex > page.out 2>&1"
    let runs = Array(repeating: run, count: source.contains("{longtable}") ? 3 : 1)
    let ended = try Tool.shell("\(runs.joined(separator: " && ")); echo $?", in: scratch.url)
    // The log is in the encoding of the fonts.
    let log = try String(
      decoding: Data(contentsOf: scratch.url.appending(path: "page.log")), as: UTF8.self)
    return outcome(log: log, hasEnded: ended.output == "0\n")
  }

  private static func outcome(log: String, hasEnded: Bool) -> Outcome {
    var outcome = Outcome()
    for line in log.split(separator: "\n").map(String.init) {
      if line.hasPrefix("Overfull") {
        let points = line.split(separator: "(").last?.split(separator: "p").first
          .flatMap { Double($0) }
        // What cannot be read is too wide.
        let width = points ?? .infinity
        if !(width <= 1) { outcome.overfull.append(width) }
      }
      if line.hasPrefix("!") || line.contains("Float too large") { outcome.faults.append(line) }
    }
    if !hasEnded, outcome.faults.isEmpty { outcome.faults.append("no page") }
    return outcome
  }
}
