// SPDX-License-Identifier: Apache-2.0

import Records
import Tables
import Testing

@testable import Reports

/// What a table may lose where there is no room, and what it never loses.
@Suite struct KeptResultTests {
  private func table(_ columns: [String] = []) throws -> ResultTable {
    var query = ResultQuery()
    query.metrics = ["test/top1", "test/loss"]
    query.against = "segmented-inception,segments=4,learningRate=0.01"
    query.columns = columns
    let more = [1, 2].map {
      SyntheticRuns.run(block: "regular-conv", seed: $0, top1: 0.4, rate: "0.001")
    }
    return try ResultTable(
      RunCollection(records: SyntheticRuns.sweep(seeds: 2) + more), query: query)
  }

  private let kept = [
    "block", "segments", "λ", "learning rate", "n", "test top-1 (%)", "test loss",
    "test top-1 minus segmented-inception, segments=4, learningRate=0.01 (points)",
    "test loss minus segmented-inception, segments=4, learningRate=0.01",
    "test top-1 ± all at once (points)", "test loss ± all at once",
  ]

  @Test func onlyCostsAndExtrasAreSpare() throws {
    let spare = try table().readable.leftOutFirst
    #expect(
      spare == [
        "width", "multiply-adds", "best possible (%)", "parameters", "mismatch (%)",
        "test top-1 adjusted p", "test loss adjusted p",
      ])
    #expect(Set(try table().readableColumns.map(\.title)) == Set(kept + spare))
  }

  /// Whoever names columns sees them, however narrow the page.
  @Test func whatWasAskedForByNameStays() throws {
    let table = try table(["block", "width", "parameters", "multiplyAdds", "test/top1"])
    #expect(table.readable.leftOutFirst.isEmpty)
    for width in [30, 60] {
      let text = table.markdown(folded: width)
      #expect(text.contains("1,234,567") && text.contains("2,507"), "\(text)")
      #expect(!text.contains("Left out"))
    }
    #expect(table.rendered(as: .latex).contains("1,234,567"))
  }

  @Test(arguments: [20, 60, 80, 120])
  func everyResultIsOnTheTerminal(width: Int) throws {
    let text = try table().markdown(folded: width)
    let shown = try table().points.compactMap {
      Metric(key: "test/top1").text($0.statistics(of: "test/top1"))
    }
    #expect(shown.count == 15)
    for number in shown { #expect(text.contains(number), "\(number)") }
    #expect(
      text.replacing("\n", with: " ")
        .contains("segmented-inception, segments=4, learningRate=0.01 (the reference)"))
    let lines = text.split(separator: "\n").map { PrintableText.displayWidth(String($0)) }
    #expect(lines.max() ?? 0 <= width, "notes are folded, too")
  }

  @Test func everyResultIsInPrint() throws {
    let source = try table().rendered(as: .latex)
    #expect(!source.contains(#/room:.*(all at once|minus|λ|rate)/#))
    #expect(source.contains("minus the") || source.contains("reference"))
    #expect(source.components(separatedBy: "$\\pm$").count > 2 * 15 + 2 * 12)
  }

  /// A width that was chosen tells rows apart.
  @Test func aChosenWidthStays() throws {
    let runs = [16, 32].map { width in
      var run = SyntheticRuns.run(
        block: "regular-conv", width: width, seed: 1, top1: 0.5, target: nil)
      run.id += "-\(width)"
      return run
    }
    #expect(!(try ResultTable(records: runs).readable.leftOutFirst.contains("width")))
  }
}
