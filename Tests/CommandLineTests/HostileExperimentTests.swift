// SPDX-License-Identifier: Apache-2.0

import Foundation
import Pictures
import Settings
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// An experiment whose every text tries to be something else goes through every output: each shows
/// text, and nothing that a terminal, a browser, a spreadsheet or LaTeX would obey.
@Suite struct HostileExperimentTests {
  /// Formula, markup, macros, quotes, escape sequence, turned writing, ends of lines.
  private static let hostile =
    "=1+1 '<script>alert(1)</script>]]> & %d \\input{x} $_{^ | `x` \"q\" \u{1B}[31m\u{7} \u{202E} new"

  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
    for (label, name) in ["@SUM(A1) <b>&amp; %s", "\u{1B}]0;x\u{7} ]]> \\end{table}"].enumerated() {
      let folder = scratch.url.appending(path: "pictures/\(name)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      for index in 0..<4 {
        let pixels = [UInt8](repeating: UInt8(60 * label + index), count: 192)
        try Picture(height: 8, width: 8, pixels: pixels)
          .write(png: folder.appending(path: "\(index).png").path)
      }
    }
    let text = JSON.string(Self.hostile).canonicalText
    _ = try scratch.write(
      """
      {"question": \(text),
       "data": {"kind": "image-folder", "path": "pictures", "preprocessing": {"size": 8}},
       "network": {"network": "probe", "width": 4},
       "training": {"epochs": 1, "batch": 2}, "seeds": 2,
       "vary": {"arms": [
         {"name": \(text), "network.block": {"kind": "regular-conv"}},
         {"name": "'a", "network.block": {"kind": "separable-conv"}}]}}
      """, to: "hostile.json")
  }

  private func run(_ line: String) throws -> Tool.Outcome {
    let outcome = try Tool.shell(line, in: scratch.url)
    #expect(outcome.exitCode == 0, "\(line): \(outcome.messages)")
    #expect(Self.obeyed(in: outcome.messages) == [], "\(line)")
    return outcome
  }

  /// What a terminal would obey, but for ends of lines.
  private static func obeyed(in text: String) -> [Unicode.Scalar] {
    text.unicodeScalars.filter {
      ($0.properties.generalCategory == .control && $0 != "\n")
        || (0x202A...0x202E).contains($0.value)
    }
  }

  @Test func everyOutputShowsTextAndNothingElse() throws {
    let trained = try run("continuum run hostile.json --results R")
    #expect(Self.obeyed(in: trained.output) == [])
    try checkTables()
    try checkFigures()
    let verified = try run("continuum verify R --sample 0")
    #expect(Self.obeyed(in: verified.output) == [])
  }

  private func checkTables() throws {
    for format in ["markdown", "csv", "csv-runs", "latex", "json"] {
      let outcome = try run("continuum table R --format \(format)")
      let text = outcome.output
      #expect(text.contains("alert(1)") || text.contains("alert\\(1"), "\(format): \(text)")
      // JSON is for programs, and keeps a text as it is.
      if format != "json" { #expect(Self.obeyed(in: text) == [], "\(format)") }
      switch format {
      case "markdown":
        #expect(!text.contains("<script") && !text.contains("\n=1"), "\(text)")
        #expect(text.split(separator: "\n").count { $0.hasPrefix("|") } == 4, "\(text)")
      case "csv", "csv-runs":
        let cells = text.split { $0 == "," || $0.isNewline }
        #expect(!cells.contains { "=+@".contains($0.first ?? " ") && Double($0) == nil }, "\(text)")
        #expect(!text.contains("\"=") && !text.contains("\"@"), "\(text)")
      case "latex":
        #expect(!text.contains("\\input{") && !text.contains(" %d"), "\(text)")
        #expect(text.contains("\\%d"), "\(text)")
      default:
        let read = try JSONSerialization.jsonObject(with: Data(text.utf8))
        #expect("\(read)".contains("<script>"))
      }
    }
  }

  private func checkFigures() throws {
    for kind in ["", "--kind training-curves"] {
      _ = try run("continuum plot R --output figure.svg \(kind)")
      let data = try Data(contentsOf: scratch.url.appending(path: "figure.svg"))
      let parser = XMLParser(data: data)
      #expect(parser.parse(), "\(kind): \(String(describing: parser.parserError))")
      let svg = String(decoding: data, as: UTF8.self)
      #expect(!svg.contains("<script"), "\(kind)")
      if kind.isEmpty { #expect(svg.contains("&lt;script")) }
      #expect(Self.obeyed(in: svg).filter { $0 != "\t" } == [], "\(kind)")
      _ = try run("continuum plot R --output figure.pdf \(kind)")
      let pdf = try Data(contentsOf: scratch.url.appending(path: "figure.pdf"))
      #expect(pdf.starts(with: Data("%PDF".utf8)))
    }
  }
}
