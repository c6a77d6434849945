// SPDX-License-Identifier: Apache-2.0

import ModelZoo
import Reports
import Tables

/// `paper`: the Xception paper's numbers, recomputed, and its claims, as far as experiments test them.
enum Paper: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  static let name = "paper"
  static let summary = "the paper's numbers, recomputed, and its claims, tested"
  static let operands = Operands.none
  enum Flags {
    static let results = Flag<String?>(
      "results", "FOLDER",
      "what experiments say of the paper's claims, from FOLDER/<experiment>")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [Flags.results, Flags.format]
  static let discussion = """
    Each number of the Xception paper (Chollet, 2017) that follows from its networks or its own
    tables is computed from this program's graphs and compared with the printed one: confirmed,
    contradicted, or not derivable from the paper alone; two follow from it but are not printed. E1, E2, … are the errata listed below the
    table.

    --results lists the claims of the paper that an experiment tests instead, each with its effect and
    interval from the runs there are: confirmed, contradicted, undecided, or no runs yet. A claim names
    its experiment, two sets of rows, and where the paper has the difference; each row is paired with
    the one that differs in nothing else. The intervals hold for all claims together.
    """
  static let examples = [
    "continuum paper", "continuum paper --format latex", "continuum paper --results Results",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    if let results = arguments[Flags.results] {
      return try TestedClaims(results, arguments, context).write(as: format)
    }
    let claims = try PaperClaims.recomputed()
    switch format {
    case .text: try Output.write(text(claims))
    case .json: try Output.write(json(claims).rendered)
    case .csv: try Output.write(table(claims).rendered(as: .csv))
    case .markdown:
      let errata = PaperErratum.all.map {
        PrintableText.paragraph(
          "\($0.name): \($0.text)", width: Output.terminalWidth, indent: "- ")
      }.joined()
      try Output.write(
        table(claims).rendered(as: .markdown, width: Output.terminalWidth) + "\n" + errata)
    case .latex:
      try Output.write(
        LaTeXTable(
          table(claims),
          caption: "The numbers of the Xception paper (Chollet, 2017), recomputed.",
          label: "paper", notes: PaperErratum.all.map { "\($0.name): \($0.text)" }
        ).source)
    }
  }

  private static func table(_ claims: [PaperClaim]) -> TextTable {
    var table = TextTable(["place", "what", "published", "ours", "verdict", "errata"])
    table.rows = claims.map { claim in
      [
        claim.place, claim.subject, claim.published, claim.ours ?? "—", claim.verdict.rawValue,
        claim.errata.joined(separator: " "),
      ].map(TextTable.Cell.text)
    }
    return table
  }

  private static func text(_ claims: [PaperClaim]) -> String {
    let width = min(96, max(20, Output.terminalWidth ?? 96))
    let errata = PaperErratum.all.map { erratum in
      let indent = String(repeating: " ", count: 5)
      let name = erratum.name + String(repeating: " ", count: 5 - erratum.name.count)
      return name
        + PrintableText.folded(erratum.text, width: width - 6).joined(separator: "\n" + indent)
        + "\n"
    }
    return table(claims).rendered(as: .text, width: Output.terminalWidth) + "\nErrata\n"
      + errata.joined()
  }

  private static func json(_ claims: [PaperClaim]) -> JSONDocument {
    .object([
      (
        "claims",
        .list(
          claims.map { claim in
            .object([
              ("place", .text(claim.place)), ("subject", .text(claim.subject)),
              ("published", .text(claim.published)),
              ("ours", .value(claim.ours.map { .string($0) } ?? .null)),
              ("verdict", .text(claim.verdict.rawValue)), ("errata", .texts(claim.errata)),
            ])
          })
      ),
      (
        "errata",
        .list(
          PaperErratum.all.map { erratum in
            .object([("name", .text(erratum.name)), ("text", .text(erratum.text))])
          })
      ),
    ])
  }
}
