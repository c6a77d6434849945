import Tables

/// Tables for people: Markdown and LaTeX, with their notes.
extension ResultTable {
  /// The table as people read it.
  var readable: TextTable {
    var table = TextTable(readableColumns.map(\.title))
    let cells = readableColumns.map { $0.cells(points) }
    table.rows = points.indices.map { row in cells.map { $0[row] } }
    return table
  }

  var markdown: String {
    readable.rendered(as: .markdown) + "\n" + notes.map { "\($0)\n" }.joined(separator: "\n")
  }

  var latex: String {
    let caption = notes.prefix(1) + notes.dropFirst().filter { $0.hasPrefix("Best possible") }
    let rest = notes.filter { !caption.contains($0) }
    let name = LaTeX.escaped(NumberText.list(experiments))
    let tabular = readable.rendered(as: .latex).split(separator: "\n").map { "  \($0)\n" }
    return """
      % Needs \\usepackage{booktabs} in the preamble.
      \\begin{table}
        \\centering
        \\caption{\(name). \(LaTeX.escaped(caption.joined(separator: " ")))}
        \\label{tab:\(experiments.joined(separator: "-").filter { $0.isLetter || $0 == "-" })}
      \(tabular.joined())
        \\smallskip
        {\\footnotesize \(LaTeX.escaped(rest.joined(separator: " ")))}
      \\end{table}

      """
  }
}
