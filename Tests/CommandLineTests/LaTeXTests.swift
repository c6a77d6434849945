// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tables
import Testing

/// Tables as pdflatex sets them: none fails, none is wider than the page.
@Suite struct LaTeXTests {
  private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  private func check(_ source: String, _ what: String) throws {
    try #require(source.contains("\\toprule"), "\(what): no table")
    guard let outcome = try PDFLaTeX.outcome(source) else { return }
    #expect(outcome == PDFLaTeX.Outcome(), "\(what)")
  }

  @Test("what is too wide and what is wrong are noticed")
  func theCheckCanFail() throws {
    guard let wide = try PDFLaTeX.outcome("\\noindent\\rule{347pt}{1pt}") else { return }
    #expect(wide.overfull.count == 1 && wide.overfull.allSatisfy { abs($0 - 2) < 0.1 })
    #expect(try PDFLaTeX.outcome("\\noindent\\rule{345.5pt}{1pt}")?.overfull == [])
    #expect(try PDFLaTeX.outcome("a_b")?.faults.isEmpty == false)
    #expect(try PDFLaTeX.outcome("中")?.faults.isEmpty == false)
    let wordy = Array(repeating: "regular-conv", count: 12).joined(separator: " & ")
    let table = "\\begin{tabular}{llllllllllll}\(wordy)\\end{tabular}"
    #expect(try PDFLaTeX.outcome("\\noindent" + table)?.overfull.count == 1)
    let high = Array(repeating: "a \\\\", count: 90).joined()
    let float = "\\begin{table}\\begin{tabular}{l}\(high)\\end{tabular}\\end{table}"
    #expect(try PDFLaTeX.outcome(float)?.faults.isEmpty == false)
  }

  @Test(
    "the layers of a network", arguments: ["probe", "stack", "xception", "resnet152", "vgg16"])
  func layers(network: String) throws {
    let source = try Tool.output("describe", network, "--format", "latex")
    #expect(source.contains("\\begin{longtable}") == (network != "probe" && network != "vgg16"))
    try check(source, network)
  }

  @Test("several networks, the zoo and the paper")
  func costs() throws {
    let inline = #"{"network": "stack", "width": 32, "block": {"kind": "extreme-inception"}}"#
    try check(
      Tool.output("describe", "xception", "vgg16", inline, "--format", "latex"), "describe")
    try check(Tool.output("zoo", "--costs", "--format", "latex"), "zoo --costs")
    try check(Tool.output("paper", "--format", "latex"), "paper")
  }

  @Test("results, and results against a block")
  func results() throws {
    let results = Self.repository.appending(path: "Results/cifar10-continuum").path
    try check(Tool.output("table", results, "--format", "latex"), "table")
    try check(
      Tool.output("table", results, "--format", "latex", "--against", "extreme-inception"),
      "--against")
  }

  @Test("the quickstart: one seed, several metrics, and each name on one line")
  func quickstart() throws {
    let results = Self.repository.appending(path: "Results/quickstart").path
    func table(_ options: [String] = []) throws -> String {
      let outcome = try Tool.run(["table", results, "--format", "latex"] + options)
      #expect(outcome.exitCode == 0 && outcome.messages.isEmpty, "\(outcome.messages)")
      return outcome.output
    }
    let one = try table(["--where", "seed=3"])
    #expect(one.contains("$\\pm$ ---") || one.contains("$\\pm$---"))
    let metrics = ["test/top1", "test/loss", "train/top1", "train/loss", "test/top5"]
    let five = try table(metrics.flatMap { ["--metric", $0] })
    #expect(!five.contains("\\tiny"))
    for (source, what) in [
      (one, "one seed"), (five, "five metrics"), (try table(), "all"),
      (try table(["--where", "lambda=0"]), "one condition"),
    ] {
      try check(source, what)
      if what != "five metrics" { #expect(!source.contains("p{"), "\(what)") }
    }
  }

  @Test("what no page holds is said on stderr, and the advice works")
  func tooWide() throws {
    let wide = try against(metrics: ["test/top1", "test/loss", "train/top1"])
    #expect(wide.messages.contains("--columns") && wide.messages.contains("pdflscape"))
    try check("\\begin{landscape}\n\(wide.output)\\end{landscape}", "landscape")
    // What a turned page does not hold either is not to be put there.
    let metrics = ["train", "test"].flatMap { set in
      ["top1", "top5", "loss"].map { "\(set)/\($0)" }
    }
    .filter { $0 != "train/top5" }
    let wider = try against(metrics: metrics)
    #expect(wider.messages.contains("with --columns; a turned page has no room for it either"))
    let chosen = try against(metrics: metrics, "--columns", "block,segments,test/top1,train/top1")
    #expect(!chosen.messages.contains("wider"), "\(chosen.messages)")
    try check(chosen.output, "columns")
  }

  /// Seven rows beside their reference, as LaTeX.
  private func against(metrics: [String], _ others: String...) throws -> Tool.Outcome {
    let results = Self.repository.appending(path: "Results/quickstart").path
    let outcome = try Tool.run(
      ["table", results, "--format", "latex", "--against", "extreme-inception"]
        + ["--where", "lambda=0"] + metrics.flatMap { ["--metric", $0] } + others)
    #expect(outcome.exitCode == 0)
    return outcome
  }

  private static func everyCell(_ row: Int) -> [TextTable.Cell] {
    let accuracy = TextTable.Cell.interval(
      97.53, halfWidth: row == 2 ? nil : Double(row), decimals: 2)
    let gain = TextTable.Cell.interval(-0.3, halfWidth: 12.5, decimals: 2, signed: true)
    let settings: [TextTable.Cell] = [
      .text("segmented-inception"), .integer(1 << (row % 6)), .number(0.001, decimals: 3),
      .written("0.5"),
    ]
    let costs: [TextTable.Cell] = [
      .integer(130), .integer(2_570_000), .integer(517_632_000),
      .number(-1.23, decimals: 2, signed: true),
    ]
    let results: [TextTable.Cell] = [
      .written(row == 3 ? "3, 1 failed" : "4"), accuracy, row == 5 ? .empty : gain,
      .interval(100, halfWidth: 0.05, decimals: 2), .number(12.5, decimals: 1),
    ]
    return settings + costs + results
  }

  @Test("results with every column there is, on a page and over pages", arguments: [14, 56])
  func everyColumn(rowCount: Int) throws {
    var table = TextTable([
      "block", "segments", "learning rate", "λ", "width", "parameters", "multiply-adds",
      "mismatch (%)", "n", "test top-1 (%)", "minus extreme-inception (%)", "best possible (%)",
      "milliseconds a step",
    ])
    table.leftOutFirst = ["milliseconds a step", "mismatch (%)", "width"]
    table.rows = (0..<rowCount).map(Self.everyCell)
    let latex = LaTeXTable(
      table, caption: "Quickstart. test top-1 (%)", label: "quickstart", notes: ["— is none."])
    #expect(latex.source.contains("{longtable}") == (rowCount == 56))
    #expect(latex.source.contains("Left out for want of room: milliseconds a step"))
    try check(latex.source, "\(rowCount) rows")
  }

  @Test("whatever Unicode has, a table compiles")
  func anyCharacter() throws {
    var table = TextTable(["character", "name", "n"])
    let blocks: [ClosedRange<UInt32>] = [
      0x0...0x24F, 0x2B0...0x2FF, 0x370...0x3FF, 0x2000...0x206F, 0x2070...0x22FF,
      0x2713...0x2717, 0x4E00...0x4E08, 0xFE0E...0xFE0F, 0x1F600...0x1F608, 0xFFFD...0xFFFD,
    ]
    let scalars = blocks.joined().compactMap { Unicode.Scalar($0) }
    table.rows = stride(from: 0, to: scalars.count, by: 8).map { start in
      let some = scalars[start..<min(start + 8, scalars.count)]
      return [
        .text(String(String.UnicodeScalarView(some))),
        .text("e\u{301} [\(some.map(String.init).joined(separator: "--"))]"), .integer(start),
      ]
    }
    let source = LaTeXTable(
      table, caption: "All: \(String(String.UnicodeScalarView(scalars.prefix(500))))",
      label: "ünïcode_1", notes: [String(repeating: "a1b2c3d4", count: 40), "& % $ # _ { } ~ ^ \\"]
    ).source
    #expect(source.contains("[U+4E00]"))
    try check(source, "Unicode")
  }
}
