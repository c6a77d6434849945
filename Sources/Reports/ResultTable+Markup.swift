// SPDX-License-Identifier: Apache-2.0

import Tables

/// Tables for people: Markdown and LaTeX, with their notes.
extension ResultTable {
  /// The table as people read it.
  var readable: TextTable {
    var table = TextTable(readableColumns.map(\.title))
    let cells = readableColumns.map { $0.cells(points) }
    table.rows = points.indices.map { row in cells.map { $0[row] } }
    table.keepsOthers = true
    // What was asked for by name stays.
    let spare = query.columns.isEmpty ? readableColumns : []
    table.leftOutFirst = spare.compactMap { column in
      column.spare.map { (title: column.title, place: $0.rawValue) }
    }.sorted { $0.place < $1.place }.map(\.title)
    table.shortTitles = Dictionary(
      readableColumns.compactMap { column in column.shortTitle.map { (column.title, $0) } }
    ) { $1 }
    table.remedy = "--columns chooses, --format csv shows all"
    return table
  }

  var markdown: String { markdown(folded: nil) }

  /// - Parameter width: of the terminal that shows it; nil for a file.
  public func markdown(folded width: Int?) -> String {
    let notes = notes.map { Markdown.escaped(PrintableText.oneLine($0)) }
    return readable.rendered(as: .markdown, width: width) + "\n"
      + notes.map { PrintableText.paragraph($0, width: width) }.joined(separator: "\n")
  }

  var latex: String { latexTable.source }

  /// What is to be said of a table as LaTeX that has no room on a page; nil where it has.
  public var latexWarning: String? { latexTable.warning }

  private var latexTable: LaTeXTable {
    let caption = [meaningOfIntervals, meaningOfBestPossible].compactMap { $0 }
    let name = NumberText.list(experiments)
    var table = LaTeXTable(
      readable, caption: (["\(name)."] + caption).joined(separator: " "),
      label: experiments.joined(separator: "-"), notes: notes.filter { !caption.contains($0) }
    )
    table.remedy = "--columns"
    return table
  }
}
