/// A table for people and papers: aligned text, Markdown, LaTeX (booktabs), or CSV.
public struct TextTable: Sendable {
  /// What a table can be rendered as.
  public enum Format: Sendable {
    case text, markdown, latex, csv
  }

  /// What stands in a cell; numbers are grouped for people and plain for machines.
  public enum Cell: Hashable, Sendable {
    case text(String)
    case integer(Int)
    case number(Double, decimals: Int, signed: Bool = false)
    /// A number with more to it than digits, as it is to be read: `97.5 ± 0.6`.
    case written(String)
    /// No value: a dash for people, nothing for machines.
    case empty

    var isNumber: Bool {
      switch self {
      case .text: false
      case .integer, .number, .written, .empty: true
      }
    }

    /// For people.
    var text: String {
      switch self {
      case .text(let text), .written(let text): text
      case .integer(let integer): NumberText.grouped(integer)
      case .number(let number, let decimals, let signed):
        NumberText.fixed(number, decimals: decimals, signed: signed)
      case .empty: NumberText.absent
      }
    }
  }

  /// The titles of the columns.
  public var titles: [String]
  public var rows: [[Cell]] = []
  /// A last row, set apart.
  public var totals: [Cell]?

  public init(_ titles: [String]) {
    self.titles = titles
  }

  /// The table with a line feed at its end; in LaTeX the `tabular` alone.
  public func rendered(as format: Format) -> String {
    switch format {
    case .text: text
    case .markdown: markdown
    case .latex: latex
    case .csv: csv
    }
  }

  private var allRows: [[Cell]] { rows + (totals.map { [$0] } ?? []) }

  /// A column whose every cell is a number stands right.
  private var isRight: [Bool] {
    titles.indices.map { column in
      !rows.isEmpty && rows.allSatisfy { column < $0.count && $0[column].isNumber }
    }
  }
}

// MARK: For people

extension TextTable {
  private var text: String {
    let cells = [titles] + allRows.map { $0.map(\.text) }
    let widths = titles.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var lines = cells.map { Self.line($0, widths, isRight, separator: "  ") }
    lines.insert(rule, at: 1)
    if totals != nil { lines.insert(rule, at: lines.count - 1) }
    return lines.map(Self.withoutTrailingSpaces).joined(separator: "\n") + "\n"
  }

  /// Aligned, so that it reads well as plain text.
  private var markdown: String {
    let escaped = ([titles] + allRows.map { $0.map(\.text) }).map { row in
      row.map { $0.replacing("|", with: "\\|") }
    }
    let widths = titles.indices.map { column in
      max(3, escaped.map { $0[column].count }.max() ?? 0)
    }
    let rule = zip(widths, isRight).map { width, isRight in
      String(repeating: "-", count: width + (isRight ? 1 : 2)) + (isRight ? ":" : "")
    }
    var lines = escaped.map { "| " + Self.line($0, widths, isRight, separator: " | ") + " |" }
    lines.insert("|" + rule.joined(separator: "|") + "|", at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  private var latex: String {
    func line(_ cells: [String]) -> String {
      "  " + cells.map(LaTeX.escaped).joined(separator: " & ") + " \\\\"
    }
    let columns = isRight.map { $0 ? "r" : "l" }.joined()
    var lines = ["\\begin{tabular}{\(columns)}", "  \\toprule", line(titles), "  \\midrule"]
    lines += rows.map { line($0.map(\.text)) }
    if let totals { lines += ["  \\midrule", line(totals.map(\.text))] }
    lines += ["  \\bottomrule", "\\end{tabular}"]
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(
    _ cells: [String], _ widths: [Int], _ isRight: [Bool], separator: String
  ) -> String {
    cells.indices.map { column in
      let padding = String(repeating: " ", count: widths[column] - cells[column].count)
      return isRight[column] ? padding + cells[column] : cells[column] + padding
    }.joined(separator: separator)
  }

  private static func withoutTrailingSpaces(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}

// MARK: For machines

extension TextTable {
  /// RFC 4180, plain numbers in full precision.
  private var csv: String {
    let lines = [titles.map(Self.quoted)] + allRows.map { $0.map(Self.plain) }
    return lines.map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func plain(_ cell: Cell) -> String {
    switch cell {
    case .text(let text), .written(let text): quoted(text)
    case .integer(let integer): String(integer)
    case .number(let number, _, _): "\(number)"
    case .empty: ""
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
