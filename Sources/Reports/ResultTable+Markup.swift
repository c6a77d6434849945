import Foundation

/// Tables for people: Markdown, aligned so that it reads well as plain text, and LaTeX.
extension ResultTable {
  var markdown: String {
    let table = ReadableTable(self)
    let widths = table.titles.indices.map { column in
      max(3, ([table.titles] + table.rows).map { $0[column].count }.max() ?? 0)
    }
    func line(_ cells: [String]) -> String {
      let padded = cells.indices.map { column in
        let gap = String(repeating: " ", count: widths[column] - cells[column].count)
        return table.isNumeric[column] ? gap + cells[column] : cells[column] + gap
      }
      return "| \(padded.joined(separator: " | ")) |\n"
    }
    let rule = widths.indices.map { column in
      let dashes = String(repeating: "-", count: widths[column] + 1)
      return table.isNumeric[column] ? "\(dashes):" : "-\(dashes)"
    }
    let rows = table.rows.map { row in
      line(row.map { $0.replacingOccurrences(of: "|", with: "\\|") })
    }
    return line(table.titles) + "|\(rule.joined(separator: "|"))|\n" + rows.joined() + "\n"
      + notes.map { "\($0)\n" }.joined(separator: "\n")
  }

  var latex: String {
    let table = ReadableTable(self)
    func line(_ cells: [String]) -> String {
      "    \(cells.map(LaTeX.escaped).joined(separator: " & ")) \\\\\n"
    }
    let caption = notes.prefix(1) + notes.dropFirst().filter { $0.hasPrefix("Best possible") }
    let rest = notes.filter { !caption.contains($0) }
    let alignment = table.isNumeric.map { $0 ? "r" : "l" }.joined()
    let name = LaTeX.escaped(NumberText.list(experiments))
    return """
      % Needs \\usepackage{booktabs} in the preamble.
      \\begin{table}
        \\centering
        \\caption{\(name). \(LaTeX.escaped(caption.joined(separator: " ")))}
        \\label{tab:\(experiments.joined(separator: "-").filter { $0.isLetter || $0 == "-" })}
        \\begin{tabular}{\(alignment)}
          \\toprule
      \(line(table.titles))    \\midrule
      \(table.rows.map(line).joined())    \\bottomrule
        \\end{tabular}

        \\smallskip
        {\\footnotesize \(LaTeX.escaped(rest.joined(separator: " ")))}
      \\end{table}

      """
  }
}

/// Text that LaTeX shows as it is.
enum LaTeX {
  private static let replacements: [Character: String] = [
    "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "$": "\\$", "&": "\\&", "#": "\\#",
    "^": "\\textasciicircum{}", "_": "\\_", "~": "\\textasciitilde{}", "%": "\\%",
    "<": "\\textless{}", ">": "\\textgreater{}", "|": "\\textbar{}", "\"": "''",
    "±": "$\\pm$", "—": "---", "−": "$-$", "×": "$\\times$", "λ": "$\\lambda$", "σ": "$\\sigma$",
    "∞": "$\\infty$", "\n": " ",
  ]

  static func escaped(_ text: String) -> String {
    text.map { replacements[$0] ?? String($0) }.joined()
  }
}
