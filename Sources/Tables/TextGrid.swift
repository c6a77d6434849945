// SPDX-License-Identifier: Apache-2.0

/// A table as lines of characters, folded to a width: what text and Markdown have in common.
struct TextGrid {
  /// What stands around the cells of a line.
  struct Frame {
    var left, separator, right: String
    /// The least width of a column.
    var narrowest = 0
  }

  /// Beyond this a word may be broken; where there is no other way, any at its hyphens.
  private static let longestWord = 20
  private static let longestTitleWord = 10

  private let titles: [String]
  private let rows: [[String]]
  private let frame: Frame
  private let leftOut: [String]
  private let remedy: String
  let isRight: [Bool]
  let widths: [Int]
  /// The width of a terminal that has no room even for what cannot be left out: rows are then lists
  /// of titles and values.
  private let listWidth: Int?

  /// - Parameter width: of the terminal; nil where lines may be of any length.
  init(_ table: TextTable, frame: Frame, width: Int?, escape: (String) -> String) {
    var table = table
    var leftOut: [String] = []
    func printed(_ text: String) -> String { escape(PrintableText.oneLine(text)) }
    while true {
      let titles = table.titles.map(printed)
      let rows = table.allRows.map { $0.map { printed($0.text) } }
      let isRight = table.isRight
      let frameWidth =
        frame.left.count + frame.right.count
        + frame.separator.count * (titles.count - 1)
      let room = width.map { $0 - frameWidth }
      func fitted(whole: Int) -> [Int]? {
        let (natural, least) = Self.widths(
          titles, rows, isRight, narrowest: frame.narrowest, whole: whole)
        guard let room else { return natural }
        return ColumnFit.widths(natural: natural, least: least, room: room)
      }
      let whole = fitted(whole: Self.longestWord)
      if whole == nil, let gone = table.makeRoom() {
        leftOut += gone.map(PrintableText.oneLine)
        continue
      }
      (self.titles, self.rows, self.isRight, self.frame) = (titles, rows, isRight, frame)
      let widths = whole ?? fitted(whole: 0)
      self.widths = widths ?? Array(repeating: max(1, room ?? 1), count: titles.count)
      listWidth = widths == nil && titles.count > 1 ? width : nil
      (self.leftOut, remedy) = (leftOut, table.remedy)
      return
    }
  }

  private static func widths(
    _ titles: [String], _ rows: [[String]], _ isRight: [Bool], narrowest: Int, whole: Int
  ) -> (natural: [Int], least: [Int]) {
    let cells = titles.indices.map { column in rows.map { $0[column] } }
    let natural = zip(titles, cells).map { title, cells in
      max(narrowest, ([title] + cells).map(PrintableText.displayWidth).max() ?? 0)
    }
    let least = titles.indices.map { column in
      let title = longestPart([titles[column]], whole: longestTitleWord)
      // A number is never broken.
      let cells =
        isRight[column]
        ? cells[column].map(PrintableText.displayWidth).max() ?? 0
        : longestPart(cells[column], whole: whole)
      return max(narrowest, title, isRight[column] ? cells : min(longestWord, cells))
    }
    return (natural, least)
  }

  /// - Parameter whole: words of so many characters are not broken.
  private static func longestPart(_ texts: [String], whole: Int) -> Int {
    let words = texts.flatMap { $0.split(separator: " ").map(String.init) }
    let parts = words.flatMap { $0.count > whole ? PrintableText.parts(of: $0) : [$0] }
    return parts.map(PrintableText.displayWidth).max() ?? 0
  }

  /// Row by row `title: value`, an empty line between rows; nil where the columns have room. A
  /// number is never broken.
  var list: [String]? {
    guard let listWidth else { return nil }
    let blocks = rows.map { row in
      titles.indices.flatMap { column -> [String] in
        let (title, cell) = (titles[column], row[column])
        let line = "\(title): \(cell)"
        guard PrintableText.displayWidth(line) > listWidth else { return [line] }
        return PrintableText.folded("\(title):", width: listWidth)
          + (isRight[column] ? [cell] : PrintableText.folded(cell, width: listWidth))
      }
    }
    return Array(blocks.joined(separator: [""]))
  }

  /// The titles, the last line of each at the bottom.
  var titleLines: [String] { lines(titles, fromBottom: true) }

  /// The lines of every row.
  var rowLines: [[String]] { rows.map { lines($0, fromBottom: false) } }

  /// What a reader must know of columns that are not there, with an empty line before it.
  func notes(folded width: Int?) -> [String] {
    guard !leftOut.isEmpty, let width else { return [] }
    let text = "Left out for want of room: \(leftOut.joined(separator: ", ")); \(remedy)."
    return [""] + PrintableText.folded(text, width: width)
  }

  private func lines(_ cells: [String], fromBottom: Bool) -> [String] {
    let folded = zip(cells, widths).map { cell, width in
      PrintableText.displayWidth(cell) <= width
        ? [cell] : PrintableText.folded(cell, width: width)
    }
    let count = folded.map(\.count).max() ?? 1
    return (0..<count).map { line in
      let parts = folded.indices.map { column -> String in
        let index = fromBottom ? line - (count - folded[column].count) : line
        let text = folded[column].indices.contains(index) ? folded[column][index] : ""
        let space = max(0, widths[column] - PrintableText.displayWidth(text))
        let padding = String(repeating: " ", count: space)
        return isRight[column] ? padding + text : text + padding
      }
      return frame.left + parts.joined(separator: frame.separator) + frame.right
    }
  }
}
