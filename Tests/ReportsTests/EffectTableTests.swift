// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Testing

@testable import Reports

/// Slopes, interactions and sign-flip points of made-up runs whose answers are known.
@Suite struct EffectTableTests {
  /// Widths of segments 24, 12, 6, 3 in 24 channels; so many images right, per doubling from 3.
  private func line(
    lambda: String, from start: Int, by step: Int, digest: String = "same", seeds: Int = 3
  ) -> [RunRecord] {
    ["8", "4", "2", "1"].enumerated().flatMap { index, segments in
      (0..<seeds).map { seed in
        SyntheticAnswers.run(
          block: "segmented-inception", segments: segments, lambda: lambda, seed: seed,
          correct: start + index * step, shift: 3 * seed + index, digest: digest)
      }
    }
  }

  private func effects(
    _ runs: [RunRecord], _ question: EffectTable.Question
  ) throws -> EffectTable {
    try EffectTable(ResultTable(RunCollection(records: runs)), question)
  }

  @Test func aSlopeIsThatOfTheLine() throws {
    let table = try effects(line(lambda: "0", from: 100, by: 10), .slope("segmentWidth"))
    #expect(table.effects.count == 1 && table.flips.isEmpty)
    let effect = try #require(table.effects.first)
    #expect(effect.rows == 4 && effect.seeds == 3 && effect.absence == nil)
    #expect(abs(effect.estimate.value - 0.05) < 1e-12)
    let interval = try #require(effect.estimate.interval())
    #expect(interval.contains(0.05) && interval.upperBound - interval.lowerBound > 0.001)
    let text = table.rendered(as: .markdown)
    #expect(text.contains("for a doubling of the segment width (points)"))
    #expect(text.contains("+5.000 ± "))
  }

  /// 100 + 10·x and 120 − 0·x cross at x = 2, four times the least width.
  @Test func linesCrossWhereTheyShould() throws {
    let runs =
      line(lambda: "0", from: 100, by: 10) + line(lambda: "1", from: 120, by: 0)
    let table = try effects(runs, .slope("segmentWidth"))
    #expect(table.effects.map(\.name) == ["λ = 0", "λ = 1", "slope of λ = 1 against λ = 0"])
    #expect(abs(table.effects[2].estimate.value + 0.05) < 1e-12)
    let flip = try #require(table.flips.first)
    #expect(abs(flip.real(try #require(flip.point.position)) - 12) < 1e-9)
    guard case .bounded(let range)? = flip.point.interval else {
      Issue.record("the interval has no ends")
      return
    }
    #expect(range.contains(log2(12)))
    #expect(table.rendered(as: .csv).contains("flip,λ = 1 against λ = 0 changes its sign,,,1"))
  }

  /// Of other images the turn is by seeds alone, and lines are not crossed.
  @Test(arguments: ["same", "another"])
  func slopesTurnBetweenLevels(digest: String) throws {
    let runs =
      line(lambda: "0", from: 100, by: 10)
      + line(lambda: "1", from: 130, by: -10, digest: digest)
    let table = try effects(runs, .slope("segmentWidth"))
    #expect(table.effects.count == (digest == "same" ? 3 : 2))
    let turn = try #require(table.flips.last)
    #expect(abs((turn.point.position ?? .nan) - 0.5) < 1e-9)
    #expect((turn.absence == nil) == (digest == "same"))
    let seedsAlone = table.notes.contains { $0.contains("tested on different images") }
    #expect(seedsAlone == (digest != "same"))
  }

  @Test func aSettingOfNumbersHasASlope() throws {
    let runs = (0...2).flatMap { level in
      (0..<2).map { seed in
        SyntheticAnswers.run(
          block: "regular-conv", lambda: "\(level)", seed: seed, correct: 100 + 20 * level,
          shift: seed, digest: "same")
      }
    }
    let table = try effects(runs, .slope("lambda"))
    #expect(abs(table.effects[0].estimate.value - 0.1) < 1e-12)
    #expect(table.unit == "1 of λ")
  }

  @Test func anInteractionIsADifferenceOfDifferences() throws {
    let values = [("regular-conv", "0", 100), ("regular-conv", "1", 100)]
    let others = [("separable-conv", "0", 110), ("separable-conv", "1", 140)]
    let runs = (values + others).flatMap { block, lambda, correct in
      (0..<3).map { seed in
        SyntheticAnswers.run(
          block: block, lambda: lambda, seed: seed, correct: correct, shift: seed,
          digest: "same")
      }
    }
    let table = try effects(runs, .interaction("lambda", "block"))
    let effect = try #require(table.effects.first)
    #expect(abs(effect.estimate.value - 0.15) < 1e-12)
    #expect(
      effect.name == "λ 1 against λ 0, at block separable-conv less at block regular-conv")
    let error = #expect(throws: ReportError.self) {
      try effects(line(lambda: "0", from: 9, by: 1), .interaction("segments", "lambda"))
    }
    #expect(error?.description.contains("needs two values of segments, and rows have 1, 2") == true)
  }

  @Test func oneSeedHasNoInterval() throws {
    let table = try effects(
      line(lambda: "0", from: 100, by: 10, seeds: 1), .slope("segmentWidth"))
    #expect(table.effects[0].estimate.interval() == nil)
    #expect(table.notes.contains { $0.hasPrefix("One seed says nothing") })
    #expect(table.rendered(as: .markdown).contains("+5.000 ± —"))
  }

  @Test func whatHasNoLineIsRefused() throws {
    let runs = [SyntheticAnswers.run(block: "regular-conv", seed: 0, correct: 9)]
    let error = #expect(throws: ReportError.self) {
      try effects(runs, .slope("segmentWidth"))
    }
    #expect(error?.description.contains("needs rows that differ in it") == true)
    #expect(throws: ReportError.self) { try effects(runs, .slope("segmens")) }
  }

  @Test(arguments: EffectFormat.allCases)
  func everyFormatIsWhole(format: EffectFormat) throws {
    let runs =
      line(lambda: "0", from: 100, by: 10) + line(lambda: "1", from: 120, by: 0)
    let text = try effects(runs, .slope("segmentWidth")).rendered(as: format)
    #expect(text.contains("λ = 1") || text.contains("lambda") || format == .latex)
    if format == .json { _ = try JSON(text: text, source: "effects") }
    if format == .csv { #expect(text.split(separator: "\n").count == 1 + 3 + 2) }
  }
}
