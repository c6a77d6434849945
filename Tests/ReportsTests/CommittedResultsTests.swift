// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

@testable import Reports

/// Run files of earlier versions give the numbers that were committed with them.
@Suite struct CommittedResultsTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Results/cifar10-continuum").path

  /// The rows of a CSV table whose fields hold no commas.
  private static func rows(_ text: String) -> [[String: String]] {
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    return lines.dropFirst().map { Dictionary(zip(lines[0], $0)) { $1 } }
  }

  @Test("files that keep the probabilities of all classes still say which class was predicted")
  func predictionsOfOlderFiles() throws {
    let runs = "\(Self.folder)/runs"
    let files = try FileManager.default.contentsOfDirectory(atPath: runs)
    try #require(!files.isEmpty)
    for file in files where file.hasSuffix(".h5") {
      let record = try RunRecord(contentsOf: "\(runs)/\(file)", reading: [.predictions])
      let predictions = try #require(record.predictions)
      let right = zip(predictions.labels, predictions.predicted).count { $0 == $1 }
      #expect(Double(right) / Double(predictions.labels.count) == record.metrics["test/top1"])
    }
  }

  @Test func theCommittedTableIsRebuiltFromItsRuns() throws {
    let committed = Self.rows(
      try String(contentsOfFile: "\(Self.folder)/table.csv", encoding: .utf8))
    let table = try ResultTable(RunCollection(folders: [Self.folder]))
    let rebuilt = Self.rows(table.rendered(as: .csv))
    #expect(rebuilt.count == 6)
    try #require(committed.count == rebuilt.count)
    // What the columns were called in 2026-11, or are called since.
    let names = [
      "mean": "test/top1", "standardDeviation": "test/top1.standardDeviation",
      "confidence95": "test/top1.confidence95", "budgetTarget": "budget",
      "budgetMismatch": "mismatch",
    ]
    let same = [
      "block", "segments", "width", "parameters", "nonTrainableParameters", "multiplyAdds",
      "budgetQuantity", "n", "failed", "seeds", "commits",
    ]
    for (old, new) in zip(committed, rebuilt) {
      for name in same { #expect(old[name] == new[name], "\(name)") }
      for (before, now) in names {
        let number = try #require(Double(old[before] ?? old[now] ?? ""))
        #expect(Double(new[now] ?? "") == number, "\(now)")
      }
    }
    #expect(
      table.readableColumns.map(\.title) == [
        "block", "segments", "width", "parameters", "multiply-adds", "mismatch (%)", "n",
        "test top-1 (%)",
      ])
  }
}
