/// A small table for people and papers: aligned text, Markdown, LaTeX (booktabs), or CSV.
struct TextTable: Sendable {
  /// What a table can be rendered as.
  enum Format: Sendable {
    case text, markdown, latex, csv
  }

  /// What stands in a cell; numbers are grouped for people and plain for machines.
  enum Cell: Sendable {
    case text(String)
    case integer(Int)
    case number(Double, decimals: Int)
    case empty

    var isNumber: Bool {
      switch self {
      case .text: false
      case .integer, .number, .empty: true
      }
    }
  }

  /// The titles of the columns.
  var titles: [String]
  var rows: [[Cell]] = []
  /// A last row, set apart.
  var totals: [Cell]?

  init(_ titles: [String]) {
    self.titles = titles
  }

  func rendered(as format: Format) -> String {
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
    let cells = [titles] + allRows.map { $0.map(Self.grouped) }
    let widths = titles.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var lines = cells.map { row in Self.line(row, widths, isRight, separator: "  ") }
    lines.insert(rule, at: 1)
    if totals != nil { lines.insert(rule, at: lines.count - 1) }
    return lines.map(Self.withoutTrailingSpaces).joined(separator: "\n") + "\n"
  }

  private var markdown: String {
    let escaped = ([titles] + allRows.map { $0.map(Self.grouped) }).map { row in
      row.map { $0.replacing("|", with: "\\|") }
    }
    let widths = titles.indices.map { column in
      max(3, escaped.map { $0[column].count }.max() ?? 0)
    }
    let rule = zip(widths, isRight).map { width, isRight in
      String(repeating: "-", count: isRight ? width - 1 : width) + (isRight ? ":" : "")
    }
    var lines = escaped.map { "| " + Self.line($0, widths, isRight, separator: " | ") + " |" }
    lines.insert("| " + rule.joined(separator: " | ") + " |", at: 1)
    return lines.joined(separator: "\n") + "\n"
  }

  private var latex: String {
    func line(_ cells: [String]) -> String {
      "    " + cells.map(Self.latexEscaped).joined(separator: " & ") + " \\\\"
    }
    let columns = isRight.map { $0 ? "r" : "l" }.joined()
    var lines = ["\\begin{tabular}{\(columns)}", "    \\toprule", line(titles), "    \\midrule"]
    lines += rows.map { line($0.map(Self.grouped)) }
    if let totals { lines += ["    \\midrule", line(totals.map(Self.grouped))] }
    lines += ["    \\bottomrule", "\\end{tabular}"]
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

  private static func grouped(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): text
    case .integer(let integer): grouped(integer)
    case .number(let number, let decimals): fixed(number, decimals: decimals)
    case .empty: ""
    }
  }

  /// `2,777,674`.
  static func grouped(_ integer: Int) -> String {
    let digits = String(integer.magnitude)
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      String(digits.dropLast(digits.count - end).suffix(3))
    }
    return (integer < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// A number with so many decimals.
  static func fixed(_ number: Double, decimals: Int) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "\(number)" }
    let scale = (0..<decimals).reduce(1) { product, _ in product * 10 }
    let scaled = Int((abs(number) * Double(scale)).rounded())
    let whole = grouped(scaled / scale)
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return sign + whole }
    let fraction = String(scaled % scale)
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(whole).\(zeros)\(fraction)"
  }

  private static func latexEscaped(_ text: String) -> String {
    text.map { character -> String in
      switch character {
      case "&", "%", "$", "#", "_", "{", "}": "\\\(character)"
      case "\\": "\\textbackslash{}"
      case "~": "\\textasciitilde{}"
      case "^": "\\textasciicircum{}"
      case "×": "$\\times$"
      default: String(character)
      }
    }.joined()
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
    case .text(let text): quoted(text)
    case .integer(let integer): String(integer)
    case .number(let number, _): "\(number)"
    case .empty: ""
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
