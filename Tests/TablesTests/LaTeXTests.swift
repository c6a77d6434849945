// SPDX-License-Identifier: Apache-2.0

import Tables
import Testing

/// The source that people find in their paper; what pdflatex makes of it is tested with the tool.
@Suite struct LaTeXTests {
  @Test func textIsEscaped() {
    #expect(
      LaTeX.escaped(#"a_b & 5 % of {$x^2$} #1 ~ \ −3 × "c" --d"#)
        == ##"a\_b \& 5 \% of \{\$x\textasciicircum{}2\$\} \#1 \textasciitilde{} "##
        + #"\textbackslash{} $-$3 $\times$ ''c'' -{}-d"#)
    #expect(LaTeX.escaped("Zoë 中 λ e\u{301}") == "Zoë [U+4E2D] $\\lambda$ é")
  }

  @Test func numbersStandUnderEachOtherAtThePointAndAtTheSign() {
    var table = TextTable(["block", "parameters", "loss", "top-1 (%)"])
    table.rows = [
      [
        .text("a_b"), .integer(-2_600), .number(0.25, decimals: 2),
        .interval(78.9, halfWidth: 2, decimals: 1),
      ],
      [
        .text("[1, 2]"), .integer(99), .number(12, decimals: 0),
        .interval(8.1, halfWidth: 12.3, decimals: 1),
      ],
      [.text("c"), .empty, .written("7.5"), .interval(100, halfWidth: nil, decimals: 1)],
      [.text("d"), .integer(0), .written("4, 1 failed"), .written("5.0")],
    ]
    table.totals = [.text("all"), .integer(7), .empty, .empty]
    #expect(
      table.rendered(as: .latex) == #"""
        \begin{tabular}{@{}lrrr@{}}
          \toprule
          block    & parameters &            loss &                           top-1 (\%) \\
          \midrule
          a\_b     &   $-$2,600 &            0.25 &            78.9 $\pm$ \phantom{0}2.0 \\
          {}[1, 2] &         99 & 12\phantom{.00} &                       8.1 $\pm$ 12.3 \\
          c        &        --- &  7.5\phantom{0} & 100.0 $\pm$ \rlap{---}\phantom{00.0} \\
          d        &          0 &     4, 1 failed &             5.0\phantom{~$\pm$~00.0} \\
          \midrule
          all      &          7 &             --- &                                  --- \\
          \bottomrule
        \end{tabular}

        """#)
  }

  /// A column whose every ± is followed by a dash is as wide as that dash.
  @Test func absentIntervalsHaveTheirWidth() {
    var table = TextTable(["a"])
    table.rows = [[.interval(7, halfWidth: nil, decimals: 0)], [.number(8, decimals: 0)]]
    #expect(table.rendered(as: .latex).contains(#"8\phantom{~$\pm$~---}"#))
    func source(_ width: Int) -> String {
      var latex = LaTeXTable(table, caption: "c", label: "l")
      latex.textWidth = width
      return latex.source
    }
    // 5 of the digit, 14.4 of the sign and its spaces, 10.3 of the dash.
    #expect(source(31).contains("\\begin{tabular}") && !source(31).contains("\\small\n"))
    #expect(source(28).contains("\\small\n"))
  }

  /// Words of titles are divided before cells are folded: that costs one line and not one a row.
  @Test func titlesGiveWayBeforeCells() {
    var table = TextTable(["block", "segments", "parameters", "top-1 (%)", "minus it (points)"])
    table.rows = (1...3).map { row in
      [
        .text("segmented-inception"), .integer(row), .integer(9 * row),
        .interval(97.53, halfWidth: 12.5, decimals: 2),
        .interval(-1.5, halfWidth: 12.5, decimals: 2, signed: true),
      ]
    }
    var latex = LaTeXTable(table, caption: "c", label: "l")
    latex.textWidth = 240
    #expect(latex.source.contains("seg-") && latex.source.contains("param-"))
    #expect(!latex.source.contains("p{") && !latex.source.contains("\\tiny"))
  }

  @Test func aTableOfAPaperHasCaptionLabelAndNotes() {
    var table = TextTable(["a", "n"])
    table.rows = [[.text("x"), .integer(1)]]
    let source = LaTeXTable(
      table, caption: "5 % of_all.", label: "a b-1_", notes: ["One & two."]
    ).source
    #expect(
      source == #"""
        % Needs \usepackage{booktabs} in the preamble.
        \begin{table}
          \centering
          \caption{5 \% of\_all.}
          \label{tab:ab-1}
          \par\smallskip
          \begin{tabular}{@{}lr@{}}
            \toprule
            a & n \\
            \midrule
            x & 1 \\
            \bottomrule
          \end{tabular}
          \par\smallskip
          {\footnotesize\raggedright
            One \& two.\par
          }
        \end{table}

        """#)
  }

  @Test func fortyRowsRunOverPages() {
    var table = TextTable(["a", "n"])
    table.rows = (1...39).map { [.text("x"), .integer($0)] }
    func source() -> String { LaTeXTable(table, caption: "c", label: "l").source }
    #expect(source().contains("\\begin{table}") && !source().contains("longtable"))
    table.rows.append([.text("x"), .integer(40)])
    let long = source()
    #expect(long.contains("\\usepackage{booktabs,longtable}") && !long.contains("{table}"))
    #expect(long.contains("\\tablename~\\thetable, continued"))
    #expect(long.components(separatedBy: "a &  n").count == 3, "the head, and that of later pages")
  }

  @Test func aWideTableIsSetSmallerThenFoldedThenLeftOut() {
    var table = TextTable(["name"] + (1...4).map { "column number \($0)" })
    table.rows = [[.text("x")] + (1...4).map { .integer($0 * 1_000_000) }]
    func source(_ width: Int) -> String {
      var latex = LaTeXTable(table, caption: "c", label: "l")
      latex.textWidth = width
      return latex.source
    }
    #expect(!source(400).contains("\\small\n"))
    #expect(source(345).contains("\\small\n"))
    #expect(source(200).contains("size\n") && !source(200).contains("Left out"))
    #expect(source(90).contains("Left out for want of room: column number 4"))
    table.leftOutFirst = ["column number 2"]
    #expect(source(90).contains("Left out for want of room: column number 2"))
  }
}
