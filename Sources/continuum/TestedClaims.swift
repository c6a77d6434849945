// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reports
import Settings
import Tables

/// The paper's claims with what the results of a folder say of them, as `paper --results` writes them.
struct TestedClaims {
  private let table: ClaimTable

  /// - Throws: where the folder is not there.
  init(_ results: String, _ arguments: Arguments, _ context: Context) throws {
    var isDirectory = ObjCBool(false)
    guard FileManager.default.fileExists(atPath: results, isDirectory: &isDirectory),
      isDirectory.boolValue
    else {
      throw arguments.error(
        Paper.Flags.results, "must be a folder with one of results for each experiment, as Results")
    }
    table = ClaimTable(results: results)
    for damage in table.damaged { context.console.note("left out: \(damage)") }
  }

  func write(as format: Paper.Format) throws {
    switch format {
    case .text:
      try Output.write(
        table.readable.rendered(as: .text, width: Output.terminalWidth) + "\n" + notes(indent: ""))
    case .markdown:
      try Output.write(
        table.readable.rendered(as: .markdown, width: Output.terminalWidth) + "\n"
          + notes(indent: "- "))
    case .latex:
      try Output.write(
        LaTeXTable(
          table.readable,
          caption: "Claims of the Xception paper (Chollet, 2017) and what experiments say of them.",
          label: "claims", notes: table.notes
        ).source)
    case .csv: try Output.write(table.data.rendered(as: .csv))
    case .json: try Output.write(json.rendered)
    }
  }

  private func notes(indent: String) -> String {
    table.notes.map {
      PrintableText.paragraph($0, width: Output.terminalWidth, indent: indent)
    }.joined()
  }

  private var json: JSONDocument {
    .object([
      ("claims", .list(table.rows.map { row in .object(row.map { ($0.key, .value($0.value)) }) })),
      ("notes", .texts(table.notes)),
    ])
  }
}
