// SPDX-License-Identifier: Apache-2.0

import Tables
import Testing

/// Tables on a terminal of so many columns.
@Suite struct TerminalTests {
  private static let table: TextTable = {
    var table = TextTable(["block", "what it is", "multiply-adds", "top-1 (%)", "ms/step"])
    table.rows = [
      [
        .text("regular-conv"), .text("one convolution for all channels at once"),
        .integer(12_345_678), .interval(78.91, halfWidth: 2.01, decimals: 2), .integer(3),
      ],
      [
        .text("separable-conv"), .text("one convolution a channel"), .integer(99),
        .interval(8.1, halfWidth: nil, decimals: 2), .integer(14),
      ],
    ]
    table.leftOutFirst = ["ms/step", "no such column"]
    table.remedy = "--columns shows them"
    return table
  }()

  private static func widths(_ text: String) -> [Int] {
    text.split(separator: "\n").map { PrintableText.displayWidth(String($0)) }
  }

  @Test func whatFitsIsAsInAFile() {
    for format in [TextTable.Format.text, .markdown] {
      let file = Self.table.rendered(as: format)
      let width = Self.widths(file).max() ?? 0
      #expect(Self.table.rendered(as: format, width: width) == file)
      #expect(Self.table.rendered(as: format, width: width - 1) != file)
    }
  }

  @Test func longCellsAndTitlesAreFolded() {
    #expect(
      Self.table.rendered(as: .text, width: 70) == """
        block           what it is        multiply-adds     top-1 (%)  ms/step
        ──────────────  ────────────────  ─────────────  ────────────  ───────
        regular-conv    one convolution      12,345,678  78.91 ± 2.01        3
                        for all channels
                        at once
        separable-conv  one convolution              99      8.10 ± —       14
                        a channel

        """)
  }

  @Test(arguments: [TextTable.Format.text, .markdown])
  func noLineIsWiderAtAnyWidthAndNothingIsLostWithoutAWord(format: TextTable.Format) {
    for width in 24...120 {
      let text = Self.table.rendered(as: format, width: width)
      let widest = Self.widths(text).max() ?? .max
      #expect(widest <= width, "\(width) columns: \(widest)")
      let words = text.split { $0.isWhitespace }.joined(separator: " ")
      for title in ["what", "adds", "top-1", "ms/step"] {
        #expect(words.contains(title), "\(width) columns: \(title)")
      }
      #expect(words.contains("Left out") == words.contains("--columns shows them."))
      // Numbers are never broken.
      if !words.contains("Left out") { #expect(text.contains("78.91 ± 2.01")) }
    }
  }

  /// What has no room beside each other stands below each other.
  @Test func atLeastEveryRowIsAList() {
    var table = Self.table
    table.keepsOthers = true
    #expect(
      table.rendered(as: .text, width: 26).hasPrefix(
        """
        block: regular-conv
        what it is:
        one convolution for all
        channels at once
        multiply-adds: 12,345,678
        top-1 (%): 78.91 ± 2.01

        block: separable-conv

        """))
    for width in 16...90 {
      let text = table.rendered(as: .markdown, width: width)
      #expect(Self.widths(text).max() ?? 0 <= width, "\(width) columns")
      #expect(text.contains("78.91 ± 2.01") && text.contains("12,345,678"))
    }
  }

  /// A name of one line in a wide table is folded at its hyphens before rows become lists.
  @Test func namesAreFoldedAtHyphens() {
    var table = TextTable(["block", "top-1 (%)"])
    table.keepsOthers = true
    table.rows = [[.text("segmented-inception"), .interval(97.5, halfWidth: 0.3, decimals: 1)]]
    #expect(table.rendered(as: .text, width: 33).contains("segmented-inception  97.5 ± 0.3"))
    #expect(table.rendered(as: .text, width: 24).contains(/segmented- +97.5 ± 0.3\ninception/))
    #expect(table.rendered(as: .text, width: 20).contains("top-1 (%):"))
  }

  @Test func paragraphsAreFolded() {
    let text = "one two three four"
    #expect(PrintableText.paragraph(text, width: nil, indent: "- ") == "- \(text)\n")
    #expect(PrintableText.paragraph(text, width: 11) == "one two\nthree four\n")
    #expect(
      PrintableText.paragraph(text, width: 11, indent: "- ") == "- one two\n  three\n  four\n")
  }

  @Test func theNamedColumnGoesFirstAndThenTheLast() {
    let text = Self.table.rendered(as: .text, width: 60)
    #expect(text.contains("Left out for want of room: ms/step; --columns shows them."))
    let narrow = Self.table.rendered(as: .text, width: 34)
    #expect(narrow.contains("room:\nms/step, top-1 (%), multiply-adds;\n"))
    #expect(narrow.hasPrefix("block"))
  }

  @Test func theLastLineOfATitleStandsLowest() {
    var table = TextTable(["a", "multiply-adds"])
    table.rows = [[.text("x"), .integer(1)]]
    let folded = "   multiply-\na       adds\n─  ─────────\nx          1\n"
    #expect(table.rendered(as: .text, width: 12) == folded)
  }

  @Test func charactersCountAsTheTerminalShowsThem() {
    let widths = [
      ("abc", 3), ("é", 1), ("e\u{301}", 1), ("中文", 4), ("한", 2), ("ｱ", 1), ("Ａ", 2), ("🙂", 2),
      ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("\u{200B}", 0), ("±×−—λ", 5), ("❤\u{FE0F}", 2),
    ]
    for (text, width) in widths {
      #expect(PrintableText.displayWidth(text) == width, "\(text)")
    }
    var table = TextTable(["name", "n"])
    table.rows = [[.text("中文"), .integer(1)], [.text("e\u{301}a"), .integer(10)]]
    #expect(table.rendered(as: .text) == "name   n\n────  ──\n中文   1\ne\u{301}a    10\n")
    #expect(table.rendered(as: .markdown).contains("| 中文 |   1 |\n| e\u{301}a   |  10 |"))
  }

  @Test func wordsLongerThanALineAreBrokenAndNothingIsLost() {
    let text = "block13_sepconv2_bn/moving_variance and 中文中文中文"
    for width in 2...40 {
      let lines = PrintableText.folded(text, width: width)
      #expect(lines.allSatisfy { PrintableText.displayWidth($0) <= width })
      #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " })
    }
    #expect(PrintableText.folded("segmented-inception", width: 12) == ["segmented-", "inception"])
    #expect(PrintableText.folded("", width: 5) == [""])
  }
}

/// Tables whose author says what nobody can do without.
@Suite struct KeptColumnTests {
  private static let table: TextTable = {
    var table = TextTable(["block", "ms/step", "minus segments=4, rate=0.01 (%)", "top-1 (%)"])
    table.rows = [
      [.text("regular"), .integer(3), .written("1.00 ± 0.10"), .written("7.00 ± 0.20")]
    ]
    table.leftOutFirst = ["ms/step"]
    table.keepsOthers = true
    table.shortTitles = ["minus segments=4, rate=0.01 (%)": "minus it (%)"]
    return table
  }()

  @Test(arguments: [TextTable.Format.text, .markdown])
  func aResultIsNeverLeftOut(format: TextTable.Format) {
    for width in 1...90 {
      let text = Self.table.rendered(as: format, width: width)
      #expect(text.contains("7.00 ± 0.20") && text.contains("1.00 ± 0.10"), "\(width) columns")
      if text.contains("Left out") {
        #expect(text.contains("minus it") || text.contains("it (%)"))
        let words = text.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("for want of room: ms/step; "))
      }
    }
    #expect(!Self.table.rendered(as: format, width: 60).contains("minus it"))
  }

  @Test func inPrintItStandsIntoTheMargin() {
    var latex = LaTeXTable(Self.table, caption: "c", label: "l")
    latex.textWidth = 60
    #expect(latex.source.contains("7.00") && latex.source.contains("1.00"))
    #expect(latex.source.contains("Left out for want of room: ms/step."))
    #expect(latex.source.contains(#/% About \d+ pt wider than the page/#))
    let warning = latex.warning
    #expect(warning?.contains("wider than a page's text of 60 pt") == true)
    #expect(warning?.contains("pdflscape") == true && warning?.contains("--columns") == false)
    latex.remedy = "--columns"
    #expect(latex.warning?.contains("choose fewer columns with --columns, or") == true)
    latex.textWidth = 345
    #expect(latex.warning == nil)
    #expect(!latex.source.contains("wider than the page"))
  }
}
