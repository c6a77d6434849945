import Tables

/// Tables for people: Markdown and LaTeX, with their notes.
extension ResultTable {
  var markdown: String { markdown(folded: nil) }

  /// - Parameter width: of the terminal that shows it; nil for a file.
  public func markdown(folded width: Int?) -> String {
    let notes = notes.map { Markdown.escaped(PrintableText.oneLine($0)) }
    return fitting.rendered(as: .markdown, width: width) + "\n"
      + notes.map { "\($0)\n" }.joined(separator: "\n")
  }

  /// What the question can spare goes first where there is no room.
  private var fitting: TextTable {
    var table = readable
    table.leftOutFirst = ["ms/step", "mismatch (%)", "width"]
    return table
  }

  var latex: String {
    let caption = notes.prefix(1) + notes.dropFirst().filter { $0.hasPrefix("Best possible") }
    let name = NumberText.list(experiments)
    return LaTeXTable(
      fitting, caption: "\(name). \(caption.joined(separator: " "))",
      label: experiments.joined(separator: "-"), notes: notes.filter { !caption.contains($0) }
    ).source
  }
}
