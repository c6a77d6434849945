// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

@Suite struct ResultTableTests {
  /// Three points: one of three seeds, one of one seed with a failure, one that never finished.
  static var records: [RunRecord] {
    [
      SyntheticRuns.run(block: "separable-conv", seed: 1),
      SyntheticRuns.run(block: "segmented-inception", segments: "10", seed: 1, top1: 0.5),
      SyntheticRuns.run(block: "segmented-inception", segments: "10", seed: 2),
      SyntheticRuns.run(block: "segmented-inception", segments: "4", width: 30, seed: 3, top1: 0.9),
      SyntheticRuns.run(block: "segmented-inception", segments: "4", width: 30, seed: 1, top1: 0.7),
      SyntheticRuns.run(block: "segmented-inception", segments: "4", width: 30, seed: 2, top1: 0.8),
    ]
  }

  @Test func markdownIsAsPrinted() throws {
    let table = try ResultTable(records: Self.records).rendered(as: .markdown)
    #expect(
      table == """
        | block               | segments | width | parameters | multiply-adds | mismatch (%) |           n | test top-1 (%) | best possible (%) |
        |---------------------|---------:|------:|-----------:|--------------:|-------------:|------------:|---------------:|------------------:|
        | segmented-inception |        4 |    30 |      2,507 |     1,234,567 |        +0.28 |           3 |  80.00 ± 24.84 |      98.97 ± 0.05 |
        | segmented-inception |       10 |    24 |      2,507 |     1,234,567 |        +0.28 | 1, 1 failed |      50.00 ± — |      98.97 ± 0.05 |
        | separable-conv      |        — |    24 |      2,507 |     1,234,567 |        +0.28 | 0, 1 failed |              — |                 — |

        test top-1 (%): mean ± 95 % confidence interval over n seeds (Student's t); — where one seed gives none.

        Best possible: the accuracy that no classifier of this data set can exceed, ± its Monte Carlo error.

        Widths solved for 2,500 parameters; mismatch is the distance from it.

        The same in all rows: data = coupling, λ = 0, network = probe, between = none, epochs = 16, batch = 64, optimizer = adamw, learning rate = 0.01, kernel = 3, data seed = 0.

        Seeds 1, 2, 3, but not all of them in every row.

        Failures: segmented-inception, segments 10: seed 2 failed: step 7: loss is not finite. separable-conv: seed 1 failed: step 7: loss is not finite.

        Commit 0123456789ab; AMD EPYC 9755, SkylakeX kernels, 2 threads.

        """)
  }

  @Test func csvHoldsEverythingInFullPrecision() throws {
    let lines = try ResultTable(records: Self.records).rendered(as: .csv)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(lines.count == 5)
    let header = [
      "block,segments,width,parameters,nonTrainableParameters,multiplyAdds,budget",
      "budgetQuantity,mismatch,n,failed,test/top1,test/top1.standardDeviation",
      "test/top1.confidence95,bestPossibleAccuracy,bestPossibleAccuracyError,seeds,commits",
    ]
    #expect(lines.first == header.joined(separator: ","))
    #expect(
      lines.dropFirst(2).first
        == "segmented-inception,10,24,2507,48,1234567,2500,parameters,0.0028,"
        + "1,1,0.5,,,0.9897,0.0005,1,0123456789abcdef")
    let first = lines[1].split(separator: ",", omittingEmptySubsequences: false)
    #expect(first.count == 18)
    let statistics = try #require(SampleStatistics([0.7, 0.8, 0.9]))
    #expect(Double(first[11]) == statistics.mean)
    #expect(Double(first[13]) == statistics.confidence95)
  }

  @Test func jsonIsValidAndHoldsTheSeeds() throws {
    let text = try ResultTable(records: Self.records).rendered(as: .json)
    let table = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(table["metrics"] as? [String] == ["test/top1"])
    let points = try #require(table["points"] as? [[String: Any]])
    #expect(points.count == 3)
    #expect(points.map { $0["n"] as? Int } == [3, 1, 0])
    #expect(points.map { $0["failed"] as? Int } == [0, 1, 1])
    let values = try #require(points.first?["values"] as? [String: [Double]])
    #expect(values == ["test/top1": [0.7, 0.8, 0.9]])
    #expect(points.first?["seeds"] as? [Int] == [1, 2, 3])
    #expect(points[1]["test/top1.confidence95"] is NSNull)
    let settings = try #require(points.first?["settings"] as? [String: Any])
    #expect(settings["network.block.segments"] as? Int == 4)
    #expect(settings["data.lambda"] as? Int == 0)
    #expect(settings["network.block.kind"] as? String == "segmented-inception")
  }

  @Test func latexIsEscapedAndExplainsItself() throws {
    // Spaces that keep cells under each other say nothing.
    let latex = try ResultTable(records: Self.records).rendered(as: .latex)
      .split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
      .joined(separator: "\n").replacing(/(\d)\$\\pm\$(\d)/) { "\($0.1) $\\pm$ \($0.2)" }
    #expect(latex.contains(#"\caption{quick\_start. test top-1 (\%): mean $\pm$ 95 \%"#))
    #expect(latex.contains(#"\label{tab:quickstart}"#))
    #expect(latex.contains(#"{tabular}{@{}"#))
    #expect(
      latex.contains(
        #"segmented-inception & 4 & 30 & 2,507 & 1,234,567 & +0.28 & 3 & "#
          + #"80.00 $\pm$ 24.84 & 98.97 $\pm$ 0.05 \\"# + "\n"))
    #expect(latex.contains(#"0, 1 failed & --- & --- \\"#))
    #expect(!latex.contains("Left out for want of room"))
    for rule in ["toprule", "midrule", "bottomrule"] {
      #expect(latex.components(separatedBy: "\\\(rule)").count == 2)
    }
  }

  @Test func commitsOfChangedCheckoutsKeepTheirPlus() throws {
    var records = Self.records
    for index in records.indices { records[index].provenance.commit = "0123456789ab+" }
    records[0].provenance.commit = "0123456789ab"
    let text = try ResultTable(records: records).rendered(as: .markdown)
    #expect(text.contains("Commits 0123456789ab, 0123456789ab+;"))
  }

  // MARK: Differences

  /// Two conditions, three seeds; the reference lacks a seed, and one difference is known by hand.
  @Test func differencesAreTakenSeedBySeedUnderTheSameConditions() throws {
    let values: [(String, String, [Double])] = [
      ("regular-conv", "0", [0.5, 0.6, 0.9]), ("extreme-inception", "0", [0.6, 0.8, 0.7, 0.1]),
      ("regular-conv", "1", [0.9, 0.9, 0.9]), ("extreme-inception", "1", [0.4, 0.4, 0.4]),
    ]
    let records = values.flatMap { block, lambda, values in
      values.enumerated().map {
        SyntheticRuns.run(block: block, lambda: lambda, seed: $0, top1: $1)
      }
    }
    let table = try ResultTable(records: records, against: "regular-conv")
    let differences = table.points.map { point in
      table.comparison?.pairs(of: point, "test/top1")?.difference
    }
    let byHand = try #require(SampleStatistics([0.6 - 0.5, 0.8 - 0.6, 0.7 - 0.9]))
    #expect(differences[0] == nil && differences[2] == nil)
    #expect(differences[1] == byHand)
    #expect(abs((differences[3]?.mean ?? .nan) + 0.5) < 1e-12)
    let text = table.rendered(as: .markdown)
    #expect(text.contains("| minus regular-conv (points) |"))
    #expect(text.contains(" −50.00 ± 0.00 |"))
    #expect(text.contains("seed by seed"))
    let header = table.rendered(as: .csv).split(separator: "\n")[0]
    let columns = ["difference", "differenceConfidence95", "pairs", "lostPairs"]
    #expect(header.contains(columns.map { ",test/top1.\($0)" }.joined()))
    #expect(try !ResultTable(records: records).rendered(as: .csv).contains("pairs"))
    let error = #expect(throws: ReportError.self) {
      try ResultTable(records: records, against: "regular-con")
    }
    #expect(
      error?.description == "no run has the block \"regular-con\"; known here: "
        + "extreme-inception, regular-conv (did you mean \"regular-conv\"?)")
  }

  @Test func noRowIsMarked() throws {
    for format in TableFormat.allCases {
      let text = try ResultTable(records: SyntheticRuns.sweep(seeds: 3)).rendered(as: format)
      #expect(!text.contains("**"))
      #expect(!text.contains("\\textbf"))
    }
  }

  @Test func rowsFollowTheSpectrumWhateverTheOrderOfFiles() throws {
    let table = try ResultTable(records: SyntheticRuns.sweep(seeds: 2).reversed())
    #expect(table.points.count == 14)
    let names = SettingNames(table.points)
    #expect(names.varying.map(names.name) == ["block", "segments", "lambda"])
    #expect(
      table.points.map { "\($0.settings["data.lambda"]?.settingText ?? "") \($0.position.name)" }
        == ["0", "1"].flatMap { lambda in
          ["regular", "1", "2", "4", "8", "extreme", "separable"].map { "\(lambda) \($0)" }
        })
    #expect(table.points.allSatisfy { $0.finished.map(\.seed) == [1, 2] })
    #expect(
      try ResultTable(records: SyntheticRuns.sweep(seeds: 2)).rendered(as: .csv)
        == table.rendered(as: .csv))
  }

  @Test func mixturesAreStated() throws {
    let other = SyntheticRuns.run(block: "regular-conv", seed: 1, top1: 0.5, target: 5_000)
    let text = try ResultTable(records: Self.records + [other]).rendered(as: .markdown)
    #expect(
      text.contains("This table mixes budgets: 2,500 parameters; 5,000 parameters."))
    #expect(text.contains("| budget (parameters) |"))
  }

  @Test func whatCannotBeReportedIsSaid() throws {
    let none = #expect(throws: ReportError.self) { try ResultTable(records: []) }
    #expect(none?.description == "there are no runs to report")
    let misspelt = #expect(throws: ReportError.self) {
      try ResultTable(records: Self.records, metric: "test/top")
    }
    #expect(
      misspelt?.description == "no run has the metric \"test/top\"; known here: "
        + "test/loss, test/top1, train/loss (did you mean \"test/top1\"?)")
    let loss = try ResultTable(records: Self.records, metric: "test/loss")
    #expect(loss.rendered(as: .markdown).contains("| 0.7000 ± 0.2484 |"))
  }
}
