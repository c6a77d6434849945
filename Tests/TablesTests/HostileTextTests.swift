// SPDX-License-Identifier: Apache-2.0

import Tables
import Testing

/// What strangers wrote into a run file stays text in every format.
@Suite struct HostileTextTests {
  private static func rendered(_ text: String, as format: TextTable.Format) -> String {
    var table = TextTable(["a"])
    table.rows = [[.text(text)], [.text("end")]]
    return table.rendered(as: format)
  }

  private static func cell(_ text: String, as format: TextTable.Format, line: Int) -> String {
    String(rendered(text, as: format).split(separator: "\n")[line])
  }

  @Test(arguments: [TextTable.Format.text, .markdown, .latex, .csv])
  func noControlCharacterGoesThrough(format: TextTable.Format) {
    let text = Self.rendered(
      "red \u{1B}[31m, bell \u{7}, C1 \u{9B}, turned \u{202E}abc", as: format)
    #expect(text.contains("bell") && text.contains("abc"))
    let bad = text.unicodeScalars.filter {
      ($0.properties.generalCategory == .control && $0 != "\n") || $0 == "\u{202E}"
    }
    #expect(bad.isEmpty, "\(Array(bad))")
  }

  @Test func aLineEndMakesNoRow() {
    for end in ["\n", "\r\n", "\r", "\u{2028}", "\u{B}"] {
      let lines = Self.rendered("one\(end)two", as: .markdown).split { $0.isNewline }
      #expect(lines.count == 4, "\(end.unicodeScalars.map(\.value))")
    }
    #expect(Self.cell("one\ntwo", as: .text, line: 2) == "one two")
    #expect(Self.rendered("one\ntwo", as: .csv) == "a\n\"one\ntwo\"\nend\n")
  }

  @Test func markdownShowsWhatIsThere() {
    let cases = [
      ("a|b", "a\\|b"), ("<script>", "&lt;script>"), ("a\\", "a\\\\"), ("a\\|b", "a\\\\\\|b"),
      ("&lt;", "&amp;lt;"), ("&#60;", "&amp;#60;"), ("a & b", "a & b"),
      ("[x](http://y)", "[x]\\(http://y)"), ("[16, 32]", "[16, 32]"), ("a_b", "a_b"),
    ]
    for (text, escaped) in cases {
      let cell = Self.cell(text, as: .markdown, line: 2).dropFirst(2).dropLast(2)
      #expect(cell.trimming == escaped)
    }
  }

  @Test func aSpreadsheetFindsNoFormula() {
    for text in ["=1+1", "+cmd", "@SUM(A1)", "-2+3", "－1", "\t=1"] {
      #expect(Self.cell(text, as: .csv, line: 1).contains("'" + text), "\(text)")
    }
    for text in ["-0.5", "+1", "-1e-3", "a=1", "−3", ""] {
      #expect(Self.rendered(text, as: .csv).hasPrefix("a\n\(text)\n"), "\(text)")
    }
    #expect(Self.rendered("=A1,B1", as: .csv) == "a\n\"'=A1,B1\"\nend\n")
    var numbers = TextTable(["=x", "y", "z"])
    numbers.rows = [[.integer(-3), .number(-0.5, decimals: 2), .written("-7")]]
    #expect(numbers.rendered(as: .csv) == "'=x,y,z\n-3,-0.5,-7\n")
  }
}

extension Substring {
  fileprivate var trimming: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
