// SPDX-License-Identifier: Apache-2.0

import Tables
import Testing

/// One table in every form, character by character.
@Suite struct TextTableTests {
  private static let table: TextTable = {
    var table = TextTable(["block", "parameters", "mismatch (%)", "top-1 (%)", "size"])
    table.rows = [
      [
        .text("regular|conv"), .integer(-2_600), .number(-0.16, decimals: 2, signed: true),
        .written("78.9 ± 2.0"), .text("3×3"),
      ],
      [
        .text("a_b, \"c\""), .integer(99), .number(1234.5, decimals: 1, signed: true), .empty,
        .text(""),
      ],
    ]
    table.totals = [.text("all"), .integer(2_699), .empty, .empty, .text("")]
    return table
  }()

  @Test func textIsAligned() {
    #expect(
      Self.table.rendered(as: .text) == """
        block         parameters  mismatch (%)   top-1 (%)  size
        ────────────  ──────────  ────────────  ──────────  ────
        regular|conv      −2,600         −0.16  78.9 ± 2.0  3×3
        a_b, "c"              99      +1,234.5           —
        ────────────  ──────────  ────────────  ──────────  ────
        all                2,699             —           —

        """)
  }

  @Test func markdownIsAlignedAndEscaped() {
    #expect(
      Self.table.rendered(as: .markdown) == """
        | block         | parameters | mismatch (%) |  top-1 (%) | size |
        |---------------|-----------:|-------------:|-----------:|------|
        | regular\\|conv |     −2,600 |        −0.16 | 78.9 ± 2.0 | 3×3  |
        | a_b, "c"      |         99 |     +1,234.5 |          — |      |
        | all           |      2,699 |            — |          — |      |

        """)
  }

  @Test func machinesGetPlainNumbersAndNothingForNothing() {
    #expect(
      Self.table.rendered(as: .csv) == """
        block,parameters,mismatch (%),top-1 (%),size
        regular|conv,-2600,-0.16,78.9 ± 2.0,3×3
        "a_b, ""c\""",99,1234.5,,
        all,2699,,,

        """)
  }

  @Test func anIntervalIsReadByPeopleAndCountedByMachines() {
    var table = TextTable(["arm", "top-1 (%)"])
    table.rows = [
      [.text("a"), .interval(97.503, halfWidth: 0.6125, decimals: 1, signed: true)],
      [.text("b"), .interval(-0.5, halfWidth: nil, decimals: 1)],
      [.text("c"), .empty],
    ]
    #expect(
      table.rendered(as: .text) == """
        arm    top-1 (%)
        ───  ───────────
        a    +97.5 ± 0.6
        b       −0.5 ± —
        c              —

        """)
    #expect(
      table.rendered(as: .csv) == """
        arm,top-1 (%),top-1 (%) ±
        a,97.503,0.6125
        b,-0.5,
        c,,

        """)
  }

  @Test func numbersReadAsPeopleWriteThem() {
    #expect(
      [0, 7, 999, 1_000, -1_234_567].map(NumberText.grouped) == [
        "0", "7", "999", "1,000", "−1,234,567",
      ])
    #expect(NumberText.grouped(.min) == "−9,223,372,036,854,775,808")
    #expect(NumberText.fixed(-0.001, decimals: 2, signed: true) == "0.00")
    #expect(NumberText.fixed(-1.005e2, decimals: 1) == "−100.5")
    #expect(NumberText.fixed(0.28, decimals: 2, signed: true) == "+0.28")
    #expect(NumberText.fixed(1_234_567.891, decimals: 2) == "1,234,567.89")
    #expect(NumberText.fixed(999.96, decimals: 1) == "1,000.0")
    #expect(NumberText.fixed(.nan, decimals: 2) == "NaN")
    #expect(NumberText.fixed(-.infinity, decimals: 0) == "−∞")
    #expect([123.4, 1.5, 0.012, 0].map(NumberText.decimals) == [1, 3, 5, 2])
    #expect(NumberText.interval(1.25, nil, decimals: 1, signed: true) == "+1.2 ± —")
  }
}
