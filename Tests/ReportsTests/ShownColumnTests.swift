// SPDX-License-Identifier: Apache-2.0

import Records
import Testing

@testable import Reports

/// Columns that were asked for stay, and notes speak of what is shown.
@Suite struct ShownColumnTests {
  private func table(
    _ columns: [String], against: String? = "extreme-inception",
    _ records: [RunRecord] = SyntheticRuns.sweep(seeds: 3), metrics: [String] = []
  ) throws -> ResultTable {
    var query = ResultQuery()
    (query.columns, query.against, query.metrics) = (columns, against, metrics)
    return try ResultTable(RunCollection(records: records), query: query)
  }

  /// What stands beside a difference and holds for all rows at once.
  private static func together(_ metric: String) -> [String] {
    ["differenceSimultaneous95", "differenceAdjustedP"].map { "\(metric).\($0)" }
  }

  private static let (top1, loss) = (
    ["test/top1.difference"] + together("test/top1"),
    ["test/loss.difference"] + together("test/loss")
  )

  @Test(arguments: [
    (["block", "test/top1", "n"], ["block", "test/top1"] + top1 + ["n"]),
    (["minus", "block"], top1 + loss + ["block"]),
    (["block", "n"], ["block", "n"] + top1 + loss),
    (
      ["test/top1.difference", "test/loss", "test/top1"],
      ["test/top1.difference", "test/loss"] + loss + ["test/top1"] + together("test/top1")
    ),
  ])
  func theDifferencesStay(columns: [String], shown: [String]) throws {
    let table = try table(columns, metrics: ["test/top1", "test/loss"])
    #expect(table.readableColumns.map(\.key) == shown)
    #expect(table.dataColumns.map(\.key) == shown)
    let header = table.rendered(as: .csv).split(separator: "\n")[0].split(separator: ",")
    #expect(Set(header).count == header.count)
  }

  @Test func minusNeedsAReference() {
    let error = #expect(throws: ReportError.self) { try table(["minus"], against: nil) }
    #expect(error?.description == "--columns minus means nothing without --against")
  }

  @Test func notesSpeakOfWhatIsShown() throws {
    let few = try table(["block", "parameters"], against: nil)
    let text = few.rendered(as: .markdown)
    for words in ["confidence interval", "mismatch", "Best possible"] {
      #expect(!text.contains(words), "\(words)")
    }
    #expect(text.contains("Widths solved for 2,500 parameters."))
    #expect(few.rendered(as: .latex).contains("\\caption{quick\\_start.}"))
    #expect(try table(["block", "mismatch"]).notes.contains { $0.contains("mismatch is") })
  }

  @Test func oneRowIsMatchedWithNothing() throws {
    let runs = ["regular-conv", "extreme-inception"].map {
      SyntheticRuns.run(block: $0, seed: 1, top1: 0.5, target: nil)
    }
    let note = "Nothing was matched"
    let one = try table([], against: nil, [runs[0]])
    #expect(!one.notes.joined().contains(note))
    #expect(try table([], against: nil, runs).notes.joined().contains(note))
  }

  @Test func pairsThatAreFewerThanRunsAreSaid() throws {
    let runs = SyntheticRuns.sweep(seeds: 3).filter { $0.configuration.contains("\"lambda\":0") }
    let lost = runs.filter { run in
      switch run.labels[0].value {
      case "extreme-inception": run.seed < 3
      case "regular-conv": run.seed == 3
      default: true
      }
    }
    let whole = try table([], runs).notes.joined()
    #expect(!whole.contains("Fewer pairs") && !whole.contains("want of a seed"))
    let note = try table([], lost).notes.joined(separator: "\n")
    #expect(note.contains("Fewer pairs than n: segmented-inception,segments=1: 2 of 3; "))
    #expect(
      note.contains(
        "— for want of a seed that finished in the row and in its reference: regular-conv."))
  }
}
