// SPDX-License-Identifier: Apache-2.0

/// A table for a paper: a float with caption, label and notes, or a `longtable` over several
/// pages, in a size of type that fits the page.
///
/// Nothing beside booktabs is needed, for long tables longtable, and for folded text array; all are
/// part of every LaTeX.
public struct LaTeXTable: Sendable {
  /// From so many rows on a table runs over pages.
  public static let longFrom = 40
  /// The lines of the smallest type that a page has room for beside a caption.
  private static let linesOfPage = 50

  /// Longer words of captions and notes may be broken.
  private static let longestWord = 24

  public var table: TextTable
  /// Plain text.
  public var caption: String
  /// Letters, digits and hyphens; of other characters nothing is left.
  public var label: String
  /// Paragraphs of plain text under the table.
  public var notes: [String]
  /// The option that chooses columns, where there is one.
  public var remedy: String?
  /// The width of the page's text in points: an article of one column on A4 by default.
  public var textWidth = 345
  /// The same of a page that is turned: the height of its text.
  private static let turnedWidth = 598

  public init(_ table: TextTable, caption: String, label: String, notes: [String] = []) {
    self.table = table
    self.caption = caption
    self.label = label
    self.notes = notes
  }

  /// What whoever asked for a table must know that has no room; nil where it has.
  public var warning: String? {
    let layout = LaTeXLayout(table, points: textWidth)
    guard layout.excess > 0 else { return nil }
    return "the LaTeX table is about \(layout.excess) pt wider than a page's text of \(textWidth) "
      + "pt: \(advice(layout, remedy.map { " with \($0)" } ?? ""))"
  }

  /// - Parameter how: how columns are chosen.
  private func advice(_ layout: LaTeXLayout, _ how: String = "") -> String {
    let fewer = "choose fewer columns\(how)"
    guard textWidth + layout.excess <= Self.turnedWidth else {
      return "\(fewer); a turned page has no room for it either"
    }
    return
      "\(fewer), or put it into \\begin{landscape} of the package pdflscape, which turns the page"
  }

  /// What stands in the `.tex` file, with a line feed at its end.
  public var source: String {
    let layout = LaTeXLayout(table, points: textWidth)
    let isLong = table.rows.count >= Self.longFrom || layout.lineCount > Self.linesOfPage
    let packages =
      ["booktabs"] + (isLong ? ["longtable"] : [])
      + (layout.hasParagraphs ? ["array"] : [])
    var lines = ["% Needs \\usepackage{\(packages.joined(separator: ","))} in the preamble."]
    if layout.excess > 0 {
      lines.append(
        "% About \(layout.excess) pt wider than the page: \(advice(layout)).")
    }
    lines += isLong ? long(layout) : float(layout)
    return lines.joined(separator: "\n") + "\n"
  }

  private func float(_ layout: LaTeXLayout) -> [String] {
    let rows = ["\\toprule"] + layout.head + ["\\midrule"] + layout.body + ["\\bottomrule"]
    let lines =
      ["\\centering", "\\caption{\(escaped(caption))}", "\\label{\(key)}", "\\par\\smallskip"]
      + size(layout) + ["\\begin{tabular}{\(layout.specification)}"] + rows.map { "  \($0)" }
      + ["\\end{tabular}"] + notes(layout)
    return ["\\begin{table}"] + lines.map { "  \($0)" } + ["\\end{table}"]
  }

  private func long(_ layout: LaTeXLayout) -> [String] {
    let count = layout.columnCount
    let head = ["\\toprule"] + layout.head + ["\\midrule"]
    let continued = "\\multicolumn{\(count)}{@{}l}{\\tablename~\\thetable, continued} \\\\"
    let goesOn = "\\multicolumn{\(count)}{r@{}}{continued on the next page} \\\\"
    let rows =
      ["\\caption{\(escaped(caption))}", "\\label{\(key)} \\\\"] + head + [
        "\\endfirsthead", continued,
      ] + head
      + ["\\endhead", "\\midrule", goesOn, "\\endfoot", "\\bottomrule", "\\endlastfoot"]
      + layout.body
    return ["\\begingroup"] + size(layout) + ["\\begin{longtable}{\(layout.specification)}"]
      + rows.map { "  \($0)" } + ["\\end{longtable}"] + notes(layout) + ["\\endgroup"]
  }

  private func size(_ layout: LaTeXLayout) -> [String] {
    let separation = "\\setlength{\\tabcolsep}{\(layout.separation)pt}"
    return layout.size.isEmpty ? [] : [layout.size, separation]
  }

  /// Under the table, to the width of the page.
  private func notes(_ layout: LaTeXLayout) -> [String] {
    var notes = notes
    if !layout.leftOut.isEmpty {
      notes.append("Left out for want of room: \(layout.leftOut.joined(separator: ", ")).")
    }
    guard !notes.isEmpty else { return [] }
    return ["\\par\\smallskip", "{\\footnotesize\\raggedright"]
      + notes.map { "  \(escaped($0))\\par" } + ["}"]
  }

  /// Text over the whole width, where only what is very long must be broken.
  private func escaped(_ text: String) -> String {
    LaTeX.breakable(text, longerThan: Self.longestWord)
  }

  private var key: String {
    "tab:\(label.filter { ($0.isASCII && ($0.isLetter || $0.isNumber)) || $0 == "-" })"
  }
}
