// SPDX-License-Identifier: Apache-2.0

extension LaTeXLayout {
  /// A column of a table as LaTeX sets it.
  struct Column {
    let naturalWidth: Int
    /// Of the widest cell, whatever the title.
    let cellWidth: Int
    let specification: String
    let titleLines: [String]
    /// The source of every cell.
    let sources: [String]
    /// The lines that every cell takes, about.
    let lineCounts: [Int]
    private let title: String
    private let texts: [String]
    private let isRight: Bool
    private let scale: Double
    private let hyphenates: Bool

    /// - Parameters:
    ///   - width: what the column was given, in points; nil for as much as it wants.
    init(
      title: String, cells: [TextTable.Cell], isRight: Bool, _ setting: Setting, width: Int?
    ) {
      let scale = setting.scale
      func points(_ text: String) -> Int { Self.points(LaTeX.width(text), scale) }
      let texts = cells.map(\.text)
      let numbers = isRight ? LaTeXNumbers(cells, isTight: setting.isTight) : nil
      let widths = numbers?.widths ?? texts.map(LaTeX.width)
      cellWidth = widths.map { Self.points($0, scale) }.max() ?? 0
      naturalWidth = max(points(title), cellWidth)
      let width = width ?? naturalWidth
      let isParagraph = !isRight && width < cellWidth
      titleLines =
        points(title) <= width
        ? [title]
        : PrintableText.folded(
          title, width: width, hyphenates: setting.hyphenates, measure: points)
      specification =
        isParagraph ? ">{\\raggedright\\arraybackslash}p{\(width)pt}" : isRight ? "r" : "l"
      sources =
        numbers?.sources ?? texts.map { isParagraph ? LaTeX.breakable($0) : LaTeX.escaped($0) }
      lineCounts = texts.map { text in
        isParagraph ? PrintableText.folded(text, width: width, measure: points).count : 1
      }
      (self.title, self.texts, self.isRight, self.scale) = (title, texts, isRight, scale)
      hyphenates = setting.hyphenates
    }

    /// What the column cannot do without when its title is folded and, if it may be, its text.
    func leastWidth(wrapping: Bool) -> Int {
      let titles = Self.parts(of: title, breaking: PrintableText.parts).flatMap {
        (hyphenates ? PrintableText.syllables(of: $0) : nil) ?? [$0]
      }
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
