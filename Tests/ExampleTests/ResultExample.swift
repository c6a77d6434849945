// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics
import Tables
import Testing

import struct Foundation.URL
import class Foundation.FileManager

/// Records, Statistics and Tables: run files read, two arms compared, a table for a paper.
@Suite struct ResultExample {
  @Test func compareTwoArms() throws {
    let results = URL(filePath: #filePath).appending(path: "../../../Results/quickstart/runs")
      .standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(atPath: results.path).sorted()
    let run = try RunRecord(contentsOf: results.appending(path: files[0]).path)
    #expect(run.metrics["test/top1"] != nil)
    #expect(run.predictions?.predicted.count == run.predictions?.labels.count)
  }

  @Test func differenceWithItsInterval() throws {
    // [seed][image]: which images each of three seeds got right.
    let first = try CorrectAnswers((0..<3).map { seed in (0..<200).map { ($0 + seed) % 5 != 0 } })
    let second = try CorrectAnswers((0..<3).map { seed in (0..<200).map { ($0 + seed) % 4 != 0 } })
    let difference = try PairedComparison(first, second).estimate
    let interval = try #require(difference.interval())
    #expect(interval.contains(difference.value))

    var table = TextTable(["arms", "difference (%)"])
    table.rows = [
      [
        .text("first − second"),
        .interval(
          100 * difference.value, halfWidth: 100 * (interval.upperBound - difference.value),
          decimals: 1, signed: true),
      ]
    ]
    #expect(table.rendered(as: .markdown).contains("| first − second |"))
  }
}
