extension LaTeXLayout {
  /// A column of a table as LaTeX sets it.
  struct Column {
    let naturalWidth: Int
    let specification: String
    let titleLines: [String]
    /// The source of every cell.
    let sources: [String]
    /// The lines that every cell takes, about.
    let lineCounts: [Int]
    private let title: String
    private let texts: [String]
    private let isRight: Bool
    private let cellWidth: Int
    private let scale: Double

    /// - Parameters:
    ///   - scale: the size of type over ten points.
    ///   - width: what the column was given, in points; nil for as much as it wants.
    init(title: String, cells: [TextTable.Cell], isRight: Bool, scale: Double, width: Int?) {
      func points(_ text: String) -> Int { Self.points(LaTeX.width(text), scale) }
      let texts = cells.map(\.text)
      let numbers = isRight ? LaTeXNumbers(cells) : nil
      let widths = numbers?.widths ?? texts.map(LaTeX.width)
      cellWidth = widths.map { Self.points($0, scale) }.max() ?? 0
      naturalWidth = max(points(title), cellWidth)
      let width = width ?? naturalWidth
      let isParagraph = !isRight && width < cellWidth
      titleLines =
        points(title) <= width
        ? [title] : PrintableText.folded(title, width: width, measure: points)
      specification =
        isParagraph ? ">{\\raggedright\\arraybackslash}p{\(width)pt}" : isRight ? "r" : "l"
      sources =
        numbers?.sources ?? texts.map { isParagraph ? LaTeX.breakable($0) : LaTeX.escaped($0) }
      lineCounts = texts.map { text in
        isParagraph ? PrintableText.folded(text, width: width, measure: points).count : 1
      }
      (self.title, self.texts, self.isRight, self.scale) = (title, texts, isRight, scale)
    }

    /// What the column cannot do without when its title is folded and, if it may be, its text.
    func leastWidth(wrapping: Bool) -> Int {
      let titles = Self.parts(of: title, breaking: PrintableText.parts)
      let cells =
        isRight || !wrapping
        ? cellWidth
        : texts.flatMap { Self.parts(of: $0, breaking: LaTeX.pieces) }
          .map { Self.points(LaTeX.width($0), scale) }.max() ?? 0
      return max(cells, titles.map { Self.points(LaTeX.width($0), scale) }.max() ?? 0)
    }

    private static func parts(of text: String, breaking: (String) -> [String]) -> [String] {
      text.split(separator: " ").flatMap { word in
        LaTeX.isLonger(String(word), than: LaTeX.longestWord)
          ? breaking(String(word)) : [String(word)]
      }
    }

    /// Rounded up.
    private static func points(_ width: Int, _ scale: Double) -> Int {
      Int((Double(width) * scale / 1000).rounded(.up))
    }
  }
}
