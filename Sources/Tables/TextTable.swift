// SPDX-License-Identifier: Apache-2.0

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
    /// A value and half the width of its interval, nil where a sample of one has none:
    /// `97.5 ± 0.6` for people, two columns for machines.
    case interval(Double, halfWidth: Double?, decimals: Int, signed: Bool = false)
    /// A number with more to it than digits, as it is to be read: `4, 1 failed`.
    case written(String)
    /// No value: a dash for people, nothing for machines.
    case empty

    var isNumber: Bool {
      switch self {
      case .text: false
      case .integer, .number, .interval, .written, .empty: true
      }
    }

    /// For people.
    var text: String {
      switch self {
      case .text(let text), .written(let text): text
      case .integer(let integer): NumberText.grouped(integer)
      case .number(let number, let decimals, let signed):
        NumberText.fixed(number, decimals: decimals, signed: signed)
      case .interval(let center, let halfWidth, let decimals, let signed):
        NumberText.interval(center, halfWidth, decimals: decimals, signed: signed)
      case .empty: NumberText.absent
      }
    }
  }

  /// The titles of the columns.
  public var titles: [String]
  public var rows: [[Cell]] = []
  /// A last row, set apart.
  public var totals: [Cell]?
  /// The titles of the columns that go first where there is no room for all, in this order; then
  /// columns go from the right. The first column of the table stays.
  public var leftOutFirst: [String] = []
  /// Whether no column goes but those of `leftOutFirst`: what is left is rather too wide.
  public var keepsOthers = false
  /// What titles are called where there is no room for them.
  public var shortTitles: [String: String] = [:]
  /// How to see the columns that had no room, as the end of a sentence.
  public var remedy = "a wider terminal or --format csv shows them"

  public init(_ titles: [String]) {
    self.titles = titles
  }

  /// The table with a line feed at its end; in LaTeX the `tabular` alone, which `LaTeXTable` fits
  /// to a page.
  ///
  /// - Parameters:
  ///   - format: what it is written for.
  ///   - width: the columns of the terminal that shows text or Markdown: cells and titles are folded to
  ///     it, and what still has no room is left out and named below. Nil for files.
  public func rendered(as format: Format, width: Int? = nil) -> String {
    switch format {
    case .text: text(width: width)
    case .markdown: markdown(width: width)
    case .latex: LaTeXLayout(natural: self).tabular
    case .csv: csv
    }
  }

  var allRows: [[Cell]] { rows + (totals.map { [$0] } ?? []) }

  /// A column whose every cell is a number stands right.
  var isRight: [Bool] {
    titles.indices.map { column in
      !rows.isEmpty && rows.allSatisfy { column < $0.count && $0[column].isNumber }
    }
  }

  /// The column that goes next where there is no room; nil where none may.
  var nextToLeaveOut: Int? {
    guard titles.count > 1 else { return nil }
    return nextSpareColumn ?? (keepsOthers ? nil : titles.count - 1)
  }

  /// Makes room: titles become short, or else a column goes.
  ///
  /// - Returns: nil where no more room can be made; the titles of what went.
  mutating func makeRoom() -> [String]? {
    let short = titles.map { shortTitles[$0] ?? $0 }
    if short != titles {
      titles = short
      return []
    }
    guard let next = nextToLeaveOut else { return nil }
    defer { removeColumn(next) }
    return [titles[next]]
  }

  /// Whether there are still columns of `leftOutFirst`.
  var hasSpareColumns: Bool { nextSpareColumn != nil }

  private var nextSpareColumn: Int? {
    leftOutFirst.lazy.compactMap { titles.lastIndex(of: $0) }.first { $0 > 0 }
  }

  private mutating func removeColumn(_ column: Int) {
    titles.remove(at: column)
    for row in rows.indices { rows[row].remove(at: column) }
    totals?.remove(at: column)
  }
}
