// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// Text from strangers is shown as it is, in every format, and does nothing else.
@Suite struct PlotTextTests {
  private let scratch: ScratchFolder
  private let title = "'tis 50% of \\alpha `touch trap` $x_1^2$ {a} #1 ]]> <b>&amp; &#0; ~ \"q\""

  init() throws {
    scratch = try ScratchFolder()
  }

  /// A sweep whose every name is hostile.
  private var runs: [RunRecord] {
    SyntheticRuns.sweep(seeds: 1).map { run in
      var run = run
      run.experiment = "\(title)\u{1B}[31m\u{0}\u{7}\u{FFFE}\r\nnext"
      for index in run.labels.indices where run.labels[index].name == "lambda" {
        run.labels[index].value += " \(title)\u{8}"
      }
      return run
    }
  }

  private func draw(_ format: PlotFormat, width: String = "17.5cm") throws -> [String] {
    let paths = ["c", "t"].map { "\(scratch.path)/\($0).\(format.ending)" }
    let size = PlotSize(width: PlotSize.points(width))
    try Plot.continuum(ResultTable(records: runs), title: title, size: size, to: paths[0])
    try Plot.trainingCurves(ResultTable(records: runs), title: title, size: size, to: paths[1])
    return paths
  }

  /// All characters of an XML file, if it is one.
  private final class Characters: NSObject, XMLParserDelegate {
    var text = ""
    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
  }

  @Test func svgIsXMLWithTheTextAsItIs() throws {
    for path in try draw(.svg) {
      let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: path)))
      let characters = Characters()
      parser.delegate = characters
      #expect(parser.parse(), "\(path): \(parser.parserError.map { "\($0)" } ?? "")")
      for word in ["'tis 50% of \\alpha `touch trap`", "{a}", "]]>", "<b>"] {
        #expect(characters.text.contains(word), "\(word)")
      }
      let controls = characters.text.unicodeScalars.filter { $0.value < 32 }.map(\.value)
      #expect(Set(controls).subtracting([9, 10, 13]).isEmpty)
    }
  }

  @Test(.enabled(if: TextBoxes.hasPoppler)) func pdfHasTheTextAsItIs() throws {
    for path in try draw(.pdf) {
      let words = try TextBoxes(pdf: path).boxes.map(\.text)
      for word in ["&apos;tis", "50%", "\\alpha", "`touch", "$x_1^2$", "]]&gt;"] {
        #expect(words.contains(word), "\(word)")
      }
    }
    _ = try draw(.png)
  }

  /// LaTeX takes the pictures, and no line of theirs is wider than the column they are made for,
  /// though its fonts are others than those that are measured.
  @Test(.enabled(if: TextBoxes.hasTikZ), arguments: ["17.5cm", "9cm", "3.25in"])
  func latexTakesTikZ(width: String) throws {
    var paths = try draw(.tikz, width: width)
    let table = try ResultTable(records: SyntheticRuns.sweep(seeds: 2))
    let question = "Which point is best when channels are decoupled (λ = 0), and when not (λ = 1)?"
    for (index, title) in [question, nil, "MMMM WWWW " + question].enumerated() {
      let path = "\(scratch.path)/plain\(index).tex"
      try Plot.continuum(
        table, title: title, size: PlotSize(width: PlotSize.points(width)), to: path)
      paths.append(path)
    }
    let boxes = paths.flatMap { path in
      ["\\rmfamily", "\\ttfamily", "\\bfseries"].map { font in
        "\\noindent\\begin{minipage}{\(width)}\(font)\\noindent\\input{\(path)}\\end{minipage}\n"
      }
    }
    let document = """
      \\documentclass{article}
      \\usepackage{tikz}\\usetikzlibrary{plotmarks}
      \\textwidth=17.5cm
      \\begin{document}
      \(boxes.joined(separator: "\n"))
      \\end{document}
      """
    try Data(document.utf8).write(to: URL(fileURLWithPath: "\(scratch.path)/a.tex"))
    let log = try TextBoxes.output(
      "pdflatex",
      [
        "-interaction=nonstopmode", "-halt-on-error", "-output-directory=\(scratch.path)",
        "\(scratch.path)/a.tex",
      ])
    let faults = log.split(separator: "\n").filter { $0.hasPrefix("Overfull \\hbox") }
    #expect(faults.isEmpty)
    #expect(FileManager.default.fileExists(atPath: "\(scratch.path)/a.pdf"))
  }
}
