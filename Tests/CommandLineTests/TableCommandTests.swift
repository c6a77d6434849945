// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Testing

/// `table` on the command line: what it says, where, and with which exit code.
@Suite struct TableCommandTests {
  private func results(_ folder: ScratchFolder) throws -> String {
    try folder.addResults()
    return folder.url.appending(path: "Results/quickstart").path
  }

  @Test("a damaged run file is named on stderr, left out and noted; the table is there")
  func damagedFile() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    let file = "\(results)/runs/regular-conv-1.h5"
    try Data("no run".utf8).write(to: URL(fileURLWithPath: file))
    let outcome = try Tool.run(["table", results])
    #expect(outcome.exitCode == 0)
    let remedy = "delete it, or make it again"
    #expect(outcome.messages.contains(file) && outcome.messages.contains(remedy))
    #expect(outcome.output.contains("Left out: \(file)") && outcome.output.contains(remedy))
    #expect(outcome.output.split(separator: "\n").count { $0.hasPrefix("| ") } == 1 + 3)
  }

  @Test("where no run file can be read, there is no table")
  func nothingLeft() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: "\(results)/runs") {
      try Data("no run".utf8).write(to: URL(fileURLWithPath: "\(results)/runs/\(name)"))
    }
    let outcome = try Tool.run(["table", results])
    #expect(outcome.exitCode == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.contains("no run file can be read (6 damaged files)"))
  }

  @Test("--output writes a file whole, and never over what the table is made from")
  func output() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    let file = folder.url.appending(path: "runs.csv").path
    let printed = try Tool.output("table", results, "--format", "csv-runs")
    #expect(
      try Tool.output("table", results, "--format", "csv-runs", "--output", file) == "\(file)\n")
    #expect(try String(contentsOfFile: file, encoding: .utf8) == printed)
    #expect(printed.split(separator: "\n").count == 1 + 6)
    let run = "\(results)/runs/regular-conv-0.h5"
    let before = try Data(contentsOf: URL(fileURLWithPath: run))
    for path in [run, "\(results)/runs/../runs/regular-conv-0.h5", results] {
      let refused = try Tool.run(["table", results, "--output", path])
      #expect(refused.exitCode == 2)
      #expect(refused.messages.contains("must be another file"))
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: run)) == before)
  }

  @Test("the ending of --output is the format, and says so where it cannot be")
  func endings() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    for (ending, format) in [
      ("csv", "csv"), ("md", "markdown"), ("tex", "latex"), ("json", "json"),
    ] {
      let file = folder.url.appending(path: "t.\(ending)").path
      _ = try Tool.output("table", results, "--output", file)
      let printed = try Tool.output("table", results, "--format", format)
      #expect(try String(contentsOfFile: file, encoding: .utf8) == printed, "\(ending)")
    }
    let cases: [(words: [String], says: String)] = [
      (["--output", "t.html"], "must end in .md, .csv, .tex or .json"),
      (["--output", "t.tex", "--format", "csv"], "must not end in .tex beside --format csv"),
      (["--output", "absent/t.csv"], "must lie in a folder that is there; absent is not"),
    ]
    for (words, says) in cases {
      let outcome = try Tool.run(["table", results] + words)
      #expect(outcome.exitCode == 2, "\(words)")
      #expect(outcome.messages.contains(says), "\(words): \(outcome.messages)")
    }
  }

  @Test("what cannot be compared, chosen or found is refused with the candidates")
  func refusals() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    let cases: [(words: [String], says: String)] = [
      (["--against", "segmented-inception,segments=2"], "the rows are: regular-conv"),
      (["--against", "lambda=0"], "leaves nothing to compare"),
      (["--where", "block=regular"], "block is here: extreme-inception"),
      (["--columns", "blok"], "did you mean \"block\"?"),
      (["--sort", "-accurcy"], "there is no column \"accurcy\""),
      (["--choose", "best:validation/top1", "--over", "epochs"], "validation/top1"),
      (["--over", "epochs"], "--choose"),
      (["--format", "csv-runs", "--columns", "block"], "--columns"),
      (["--format", "csv-runs", "--metric", "test/top1"], "--metric"),
      (["--format", "csv-runs", "--against", "regular-conv"], "--against"),
    ]
    for (words, says) in cases {
      let outcome = try Tool.run(["table", results] + words)
      #expect(outcome.exitCode == 2, "\(words)")
      #expect(outcome.output.isEmpty, "\(words)")
      #expect(outcome.messages.contains(says), "\(words): \(outcome.messages)")
    }
  }

  @Test("what is the same in all rows is said where it is not as by default, the block's always")
  func sameInAllRows() throws {
    let folder = try ScratchFolder()
    let file = try folder.write(
      """
      {
        "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64,
          "test": 32, "calibrationImages": 256},
        "network": {"network": "probe", "width": 8,
          "block": {"kind": "segmented-inception", "segments": 2, "kernel": 5}},
        "training": {"epochs": 1, "batch": 16, "labelSmoothing": 0.125,
          "optimizer": {"kind": "sgd", "momentum": 0.75}},
        "seeds": 2,
      }
      """, to: "experiment.json")
    let results = folder.url.appending(path: "r").path
    let outcome = try Tool.run(["run", file, "--results", results, "--quiet"])
    #expect(outcome.exitCode == 0, "\(outcome.messages)")
    let lines = try Tool.output("table", results).split(separator: "\n")
    let note = try #require(lines.first { $0.hasPrefix("The same in all rows: ") })
    for said in [
      "segments = 2", "kernel = 5", "channels = 4", "size = 6", "training set = 64",
      "momentum = 0.75", "label smoothing = 0.125", "batch = 16",
    ] { #expect(note.contains(said), "\(said): \(note)") }
    for usual in ["epsilon", "decay", "initializer", "seed", "finalFraction", "standardize"] {
      #expect(!note.contains(usual), "\(usual): \(note)")
    }
    let csv = try Tool.output("table", results, "--format", "csv").split(separator: "\n")
    #expect(csv[0].hasPrefix("block,segments,") && csv[1].hasPrefix("segmented-inception,2,"))
  }

  @Test("asking once with a budget takes no row out of the table that was made without one")
  func budgets() throws {
    let folder = try ScratchFolder()
    let file = try folder.write(
      """
      {
        "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64,
          "test": 32, "calibrationImages": 256},
        "network": {"network": "probe"},
        "training": {"epochs": 1, "batch": 16},
        "seeds": 1,
        "budget": {"quantity": "parameters", "target": 500},
        "vary": {"network.block": [{"kind": "regular-conv"}, {"kind": "separable-conv"}]},
      }
      """, to: "experiment.json")
    let results = folder.url.appending(path: "r").path
    func run(_ words: String...) throws {
      let outcome = try Tool.run(["run", file, "--results", results, "--quiet"] + words)
      try #require(outcome.exitCode == 0, "\(outcome.messages)")
    }
    try run()
    let first = try Tool.json("table", results, "--where", "block=regular-conv")
    guard case .array(let rows) = first["points"], case .integer(let width) = rows[0]["width"]
    else {
      Issue.record("there is no row with a width")
      return
    }
    try run("--set", "budget=null", "--set", "network.width=\(width)")
    let table = try Tool.json("table", results, "--against", "regular-conv")
    guard case .array(let points) = table["points"] else { return }
    #expect(points.map { $0["budget"] } == [.null, .null, 500, 500])
    let pairs = points.map { point -> JSON? in
      if case .object(let fields) = point { fields["test/top1.pairs"] } else { nil }
    }
    #expect(pairs == [.null, 1, .null, 1])
  }

  @Test("a copy of a folder adds a column and no runs")
  func severalFolders() throws {
    let folder = try ScratchFolder()
    let results = try results(folder)
    let copy = folder.url.appending(path: "Results/copy").path
    try FileManager.default.copyItem(atPath: results, toPath: copy)
    try FileManager.default.removeItem(atPath: "\(copy)/runs/regular-conv-0.h5")
    try FileManager.default.removeItem(atPath: "\(copy)/runs/regular-conv-1.h5")
    let table = try Tool.json("table", results, copy)
    guard case .array(let points) = table["points"] else {
      Issue.record("there are no points")
      return
    }
    #expect(points.map { $0["n"] } == [2, 2, 2])
    #expect(points.map { $0["folder"] } == ["quickstart", "copy, quickstart", "copy, quickstart"])
  }
}
