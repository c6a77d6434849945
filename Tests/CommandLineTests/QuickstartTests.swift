// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// The first experiment that a user runs, with less of everything.
@Suite struct QuickstartTests {
  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test func thePictureTheTableAndTheFilesAreThere() throws {
    let scratch = try ScratchFolder()
    let results = scratch.url.appending(path: "results").path
    let outcome = try Tool.shell(
      "continuum run Experiments/quickstart --results \(results) --quiet --set seeds=2 "
        + "--set training.epochs=1 --set data.train=128 --set data.test=64 "
        + "--set data.calibrationImages=256", in: Self.repository)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let records = try RunDirectory.records(in: results)
    #expect(records.count == 28)
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("| ") } == 1 + 14)
    let against = try Tool.output("table", results, "--against", "extreme-inception")
    #expect(against.contains("minus extreme-inception (points)"))
    let files = try FileManager.default.contentsOfDirectory(atPath: results)
    #expect(
      Set(files).isSuperset(of: ["runs", "table.md", "table.csv", "table.json", "table.tex"]))
    try setWithLaTeX(results)
    try readWithOthers(try RunDirectory.files(in: results))
  }

  /// `make continuum` writes where git does not look; the committed results stay as they are.
  @Test func theCommittedResultsStay() throws {
    let makefile = try String(
      contentsOf: Self.repository.appending(path: "Makefile"), encoding: .utf8)
    let folder = "Results/local/quickstart"
    #expect(makefile.contains("\t$(TOOL) run Experiments/quickstart --results \(folder)\n"))
    let ignored = try String(
      contentsOf: Self.repository.appending(path: ".gitignore"), encoding: .utf8)
    #expect(ignored.split(separator: "\n").contains("Results/local/"))
  }

  /// With pdflatex, on one page and no wider than its text.
  private func setWithLaTeX(_ results: String) throws {
    let sources = [
      try String(contentsOfFile: "\(results)/table.tex", encoding: .utf8),
      try Tool.output("table", results, "--against", "extreme-inception", "--format", "latex"),
    ]
    for source in sources {
      #expect(source.contains("\\toprule"))
      #expect(try PDFLaTeX.outcome(source) ?? PDFLaTeX.Outcome() == PDFLaTeX.Outcome())
    }
  }

  /// With h5py and h5dump, where they are; `.ci/run` has them.
  private func readWithOthers(_ files: [String]) throws {
    let list = files.joined(separator: " ")
    let script = Self.repository.appending(path: "Tests/RecordsTests/read_with_h5py.py").path
    let h5py = try Tool.shell(
      """
      for python in python3 /usr/bin/python3; do
        $python -c 'import h5py' 2> /dev/null || continue
        $python \(script) \(list) | wc -l
        exit ${PIPESTATUS[0]}
      done
      echo none
      """)
    #expect(h5py.exitCode == 0, "\(h5py.messages)")
    let h5dump = try Tool.shell(
      """
      type h5dump > /dev/null 2>&1 || { echo none; exit 0; }
      for file in \(list); do h5dump $file > /dev/null || exit 1; done
      echo \(files.count)
      """)
    #expect(h5dump.exitCode == 0, "\(h5dump.messages)")
    let mustRead = ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
    for read in [h5py.output, h5dump.output] where mustRead || read != "none\n" {
      #expect(read == "\(files.count)\n")
    }
  }
}
