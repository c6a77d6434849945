// SPDX-License-Identifier: Apache-2.0

/// A table as the rows of a `tabular` or `longtable`, as wide as a page allows.
struct LaTeXLayout {
  /// A size of type with what one may do to a table in it.
  struct Setting {
    /// Empty for the size of the text around.
    var command: String
    /// Of the width in ten points.
    var scale: Double
    /// Half of the space between two columns, in points.
    var separation: Int
    var foldsTitles: Bool
    var wrapsCells: Bool
    /// Whether words of titles are divided.
    var hyphenates = false
    /// Whether ± has no space around it.
    var isTight = false
  }

  /// The first that fits is taken.
  ///
  /// Source: Computer Modern's design sizes; cmr7 is wider than 7/10 of cmr10.
  private static let settings = [
    Setting(command: "", scale: 1, separation: 6, foldsTitles: false, wrapsCells: false),
    Setting(command: "\\small", scale: 0.926, separation: 6, foldsTitles: true, wrapsCells: false),
    Setting(
      command: "\\footnotesize", scale: 0.85, separation: 4, foldsTitles: true, wrapsCells: false),
    // A title on two lines costs one line, a cell on two lines one in every row.
    Setting(
      command: "\\footnotesize", scale: 0.85, separation: 4, foldsTitles: true, wrapsCells: false,
      hyphenates: true),
    Setting(
      command: "\\scriptsize", scale: 0.797, separation: 3, foldsTitles: true, wrapsCells: false,
      hyphenates: true),
    Setting(
      command: "\\scriptsize", scale: 0.797, separation: 2, foldsTitles: true, wrapsCells: false,
      hyphenates: true, isTight: true),
    Setting(
      command: "\\footnotesize", scale: 0.85, separation: 4, foldsTitles: true, wrapsCells: true,
      hyphenates: true),
    Setting(
      command: "\\scriptsize", scale: 0.797, separation: 3, foldsTitles: true, wrapsCells: true,
      hyphenates: true),
    Setting(
      command: "\\scriptsize", scale: 0.797, separation: 2, foldsTitles: true, wrapsCells: true,
      hyphenates: true, isTight: true),
    Setting(
      command: "\\tiny", scale: 0.681, separation: 2, foldsTitles: true, wrapsCells: true,
      hyphenates: true, isTight: true),
  ]

  /// The command for the size of type; empty for that of the text around.
  let size: String
  /// Half of the space between two columns, in points.
  let separation: Int
  /// The titles of the columns that had no room.
  let leftOut: [String]
  /// By how many points the table is wider than the page, about.
  let excess: Int
  /// Whether the source needs the package `array`.
  let hasParagraphs: Bool
  /// The lines that the rows take on paper, about.
  let lineCount: Int
  let columnCount: Int
  private let columns: [String]
  private let titleLines: [[String]]
  private let rows: [[String]]
  /// So wide are short cells in the source, that they stand under each other there too.
  private let sourceWidths: [Int]
  private let totals: [String]?

  /// On one line each, however wide.
  init(natural table: TextTable) {
    self.init(table, Self.settings[0], widths: nil, leftOut: [])
  }

  /// - Parameter points: the width of the page's text.
  init(_ table: TextTable, points: Int) {
    var table = table
    var leftOut: [String] = []
    while true {
      // Rather than in print that nobody reads it goes without what its author can spare.
      let settings = table.hasSpareColumns ? Self.settings.dropLast() : Self.settings[...]
      for setting in settings {
        let (natural, cells, least, room) = Self.widths(of: table, setting, points: points)
        if let widths = ColumnFit.widths(
          natural: natural, cells: cells, least: least, room: room)
        {
          self.init(table, setting, widths: widths, leftOut: leftOut)
          return
        }
      }
      guard let gone = table.makeRoom() else { break }
      leftOut += gone
    }
    // A result that has no room stands out into the margin.
    let setting = Self.settings[Self.settings.count - 1]
    let (_, _, least, room) = Self.widths(of: table, setting, points: points)
    let isOne = table.titles.count == 1
    self.init(
      table, setting, widths: isOne ? [points] : least, leftOut: leftOut,
      excess: isOne ? 0 : max(0, least.reduce(0, +) - room))
  }

  private init(
    _ table: TextTable, _ setting: Setting, widths: [Int]?, leftOut: [String], excess: Int = 0
  ) {
    self.excess = excess
    let isRight = table.isRight
    let all = table.allRows
    let columns = table.titles.indices.map { column in
      Column(
        title: table.titles[column], cells: all.map { $0[column] }, isRight: isRight[column],
        setting, width: widths?[column])
    }
    size = setting.command
    separation = setting.separation
    self.leftOut = leftOut
    columnCount = columns.count
    hasParagraphs = columns.contains { $0.specification.contains("p{") }
    self.columns = columns.map(\.specification)
    let count = columns.map(\.titleLines.count).max() ?? 1
    let titleLines = (0..<count).map { line in
      columns.map { column in
        let index = line - (count - column.titleLines.count)
        return index < 0 ? "" : LaTeX.escaped(column.titleLines[index])
      }
    }
    let rows = all.indices.map { row in Self.guarded(columns.map { $0.sources[row] }) }
    self.titleLines = titleLines
    sourceWidths = columns.indices.map { column in
      min(40, (rows + titleLines).map { $0[column].count }.max() ?? 0)
    }
    totals = table.totals == nil ? nil : rows.last
    self.rows = table.totals == nil ? rows : rows.dropLast()
    lineCount = all.indices.map { row in columns.map { $0.lineCounts[row] }.max() ?? 1 }
      .reduce(0, +)
  }

  private static func widths(
    of table: TextTable, _ setting: Setting, points: Int
  ) -> (natural: [Int], cells: [Int], least: [Int], room: Int) {
    let isRight = table.isRight
    let columns = table.titles.indices.map { column in
      Column(
        title: table.titles[column], cells: table.allRows.map { $0[column] },
        isRight: isRight[column], setting, width: nil)
    }
    return (
      columns.map(\.naturalWidth), columns.map(\.cellWidth),
      columns.map { column in
        setting.foldsTitles
          ? column.leastWidth(wrapping: setting.wrapsCells) : column.naturalWidth
      },
      points - 2 * setting.separation * (columns.count - 1)
    )
  }
}

// MARK: The source

extension LaTeXLayout {
  /// The columns of the table for `\begin`; nothing is added at its edges, as booktabs has it.
  var specification: String { "@{}\(columns.joined())@{}" }

  /// The lines of the titles, in words one under the other.
  var head: [String] { titleLines.map { line($0) } }

  var body: [String] {
    rows.map { line($0) } + (totals.map { ["\\midrule", line($0)] } ?? [])
  }

  /// The table without anything around it.
  var tabular: String {
    let lines = ["\\toprule"] + head + ["\\midrule"] + body + ["\\bottomrule"]
    return "\\begin{tabular}{\(specification)}\n" + lines.map { "  \($0)\n" }.joined()
      + "\\end{tabular}\n"
  }

  private func line(_ cells: [String]) -> String {
    let padded = cells.indices.map { column -> String in
      let space = max(0, sourceWidths[column] - cells[column].count)
      let padding = String(repeating: " ", count: space)
      return columns[column] == "r" ? padding + cells[column] : cells[column] + padding
    }
    return padded.joined(separator: " & ") + " \\\\"
  }

  /// A bracket or a star at the beginning would be an option of the line end before.
  private static func guarded(_ cells: [String]) -> [String] {
    guard let first = cells.first?.first(where: { $0 != " " }), "[*".contains(first) else {
      return cells
    }
    return ["{}" + cells[0]] + cells.dropFirst()
  }
}
