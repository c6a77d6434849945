// SPDX-License-Identifier: Apache-2.0

extension TextTable {
  /// RFC 4180, plain numbers in full precision. An interval is two columns, the value's and, with
  /// ` ±` behind its title, that of half the interval's width.
  var csv: String {
    let hasHalfWidth = titles.indices.map { column in
      allRows.contains { if case .interval = $0[column] { true } else { false } }
    }
    let heads = zip(titles, hasHalfWidth).flatMap { $1 ? [$0, "\($0) ±"] : [$0] }
    let lines = allRows.map { row in
      zip(row, hasHalfWidth).flatMap { $1 ? Self.pair($0) : [Self.plain($0)] }
    }
    return ([heads.map(Self.quoted)] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
  }

  private static func plain(_ cell: Cell) -> String {
    switch cell {
    case .text(let text), .written(let text): quoted(text)
    case .integer(let integer): String(integer)
    case .number(let number, _, _), .interval(let number, _, _, _): "\(number)"
    case .empty: ""
    }
  }

  private static func pair(_ cell: Cell) -> [String] {
    guard case .interval(let center, let halfWidth, _, _) = cell else { return [plain(cell), ""] }
    return ["\(center)", halfWidth.map { "\($0)" } ?? ""]
  }

  /// What a spreadsheet would take for a formula gets the apostrophe that makes it text; a number
  /// is none.
  private static func quoted(_ text: String) -> String {
    var text = PrintableText.withoutControls(text, keeping: "\t\n\r")
    if let first = text.unicodeScalars.first, "=+-@＝＋－＠\t\n\r".unicodeScalars.contains(first),
      Double(text) == nil
    {
      text = "'" + text
    }
    let special = text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
    return special ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}
