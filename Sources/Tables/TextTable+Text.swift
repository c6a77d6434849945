// SPDX-License-Identifier: Apache-2.0

extension TextTable {
  /// Columns of equal width under a rule.
  func text(width: Int?) -> String {
    let frame = TextGrid.Frame(left: "", separator: "  ", right: "")
    let grid = TextGrid(self, frame: frame, width: width) { $0 }
    if let list = grid.list {
      return (list + grid.notes(folded: width)).joined(separator: "\n") + "\n"
    }
    let rule = grid.widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
    var blocks = [grid.titleLines, [rule]] + grid.rowLines
    if totals != nil { blocks.insert([rule], at: blocks.count - 1) }
    return (blocks.joined() + grid.notes(folded: width)).map(Self.withoutTrailingSpaces)
      .joined(separator: "\n") + "\n"
  }

  private static func withoutTrailingSpaces(_ line: String) -> String {
    String(line.reversed().drop { $0 == " " }.reversed())
  }
}
