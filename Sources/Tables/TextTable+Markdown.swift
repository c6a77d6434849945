// SPDX-License-Identifier: Apache-2.0

extension TextTable {
  /// Aligned, so that it reads well as plain text. Folded to a terminal it is for reading there: a
  /// folded cell's lines are rows of their own to other programs.
  func markdown(width: Int?) -> String {
    let frame = TextGrid.Frame(left: "| ", separator: " | ", right: " |", narrowest: 3)
    let grid = TextGrid(self, frame: frame, width: width, escape: Markdown.escaped)
    if let list = grid.list {
      return (list + grid.notes(folded: width)).joined(separator: "\n") + "\n"
    }
    let rule = zip(grid.widths, grid.isRight).map { width, isRight in
      String(repeating: "-", count: width + (isRight ? 1 : 2)) + (isRight ? ":" : "")
    }
    let lines = grid.titleLines + ["|" + rule.joined(separator: "|") + "|"]
    return (lines + grid.rowLines.joined() + grid.notes(folded: width)).joined(separator: "\n")
      + "\n"
  }
}

/// Text that Markdown shows as it is, in a table too.
public enum Markdown {
  /// No pipe ends a cell, no tag, entity or link begins; line feeds are spaces.
  public static func escaped(_ text: String) -> String {
    let plain = text.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
      .replacing("](", with: "]\\(")
    var escaped = ""
    for (character, next) in zip(plain, plain.dropFirst().map(Optional.some) + [nil]) {
      switch character {
      case "<": escaped += "&lt;"
      case "&" where next.map { $0 == "#" || $0.isLetter } ?? false: escaped += "&amp;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
