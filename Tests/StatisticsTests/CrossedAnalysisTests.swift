// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Statistics

/// Answers with structure, and what is expected of them by definition.
enum Answers {
  /// In no order: an arm, a seed and an image each shift what is right.
  static func arms(_ arms: Int, seeds: Int, images: Int) throws -> [CorrectAnswers] {
    try (0..<arms).map { arm in
      try CorrectAnswers(
        (0..<seeds).map { seed in
          (0..<images).map { image in
            let number =
              image * 37 + seed * 11 + arm * 5 + (image * seed * 7 + arm * image * 3) % 13
            return number % 17 < 9 + arm + image % 4
          }
        })
    }
  }

  /// d[s][i] of a contrast.
  static func values(_ answers: [CorrectAnswers], _ contrast: Contrast) -> [[Double]] {
    (0..<answers[0].seeds).map { seed in
      (0..<answers[0].images).map { image in
        zip(contrast.weights, answers).reduce(0) {
          $0 + ($1.1[seed: seed, image: image] ? $1.0 : 0)
        }
      }
    }
  }

  /// The two-way analysis of variance as its definition says it: deviations of means, squared.
  static func meanSquares(_ values: [[Double]]) -> MeanSquares {
    let (n, m) = (values.count, values[0].count)
    let bySeed = values.map { $0.reduce(0, +) / Double(m) }
    let byImage = (0..<m).map { image in values.reduce(0) { $0 + $1[image] } / Double(n) }
    let mean = bySeed.reduce(0, +) / Double(n)
    func squares(_ means: [Double]) -> Double {
      means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }
    var rest = 0.0
    for seed in 0..<n {
      for image in 0..<m {
        let left = values[seed][image] - bySeed[seed] - byImage[image] + mean
        rest += left * left
      }
    }
    return MeanSquares(
      seeds: Double(m) * squares(bySeed) / Double(n - 1),
      images: Double(n) * squares(byImage) / Double(m - 1),
      error: rest / Double((n - 1) * (m - 1)))
  }
}

func isNear(_ value: Double?, _ expected: Double, within tolerance: Double = 1e-9) -> Bool {
  value.map { abs($0 - expected) <= tolerance } ?? false
}

@Suite struct CrossedAnalysisTests {
  @Test func packedAnswersAreTheAnswers() throws {
    let rows = (0..<3).map { seed in (0..<131).map { ($0 * 7 + seed) % 3 == 0 } }
    let answers = try CorrectAnswers(rows)
    #expect(answers.seeds == 3 && answers.images == 131)
    for (seed, row) in rows.enumerated() {
      for (image, isCorrect) in row.enumerated() {
        #expect(answers[seed: seed, image: image] == isCorrect)
      }
    }
    #expect(answers.countsBySeed == rows.map { $0.filter { $0 }.count })
    #expect(
      answers.countsByImage == (0..<131).map { image in Int32(rows.filter { $0[image] }.count) })
  }

  @Test func meanSquaresAreThoseOfTheDefinition() throws {
    let answers = try Answers.arms(4, seeds: 3, images: 150)
    let table = try CrossedAnalysis(answers)
    for contrast in [
      Contrast.difference(0, 3, of: 4), .difference(2, 1, of: 4), .arm(2, of: 4),
      .interaction(0, 1, 2, 3, of: 4), try .slope(over: [1, 2, nil, 5]),
    ] {
      let values = Answers.values(answers, contrast)
      let expected = Answers.meanSquares(values)
      let squares = try #require(table.meanSquares(of: contrast))
      #expect(isNear(squares.seeds, expected.seeds))
      #expect(isNear(squares.images, expected.images))
      #expect(isNear(squares.error, expected.error))
      let mean = values.joined().reduce(0, +) / 450
      #expect(isNear(table.estimate(contrast).value, mean))
      let numerator = max(expected.seeds - expected.error, 0) + expected.images
      let estimate = table.estimate(contrast, pooling: .none)
      #expect(isNear(estimate.standardError, (numerator / 450).squareRoot()))
      let ratio = numerator / expected.seeds
      #expect(isNear(estimate.degrees, max(2, 2 * ratio * ratio), within: 1e-6))
    }
  }

  @Test func poolingTakesTheMeanOverAllPairs() throws {
    let table = try CrossedAnalysis(try Answers.arms(4, seeds: 5, images: 150))
    let pairs = (0..<4).flatMap { first in (0..<first).map { (first, $0) } }
    let squares = try pairs.map {
      try #require(table.meanSquares(of: .difference($0.0, $0.1, of: 4)))
    }
    let seeds = squares.reduce(0) { $0 + $1.seeds } / 6
    let error = squares.reduce(0) { $0 + $1.error } / 6
    let own = try #require(squares.first)
    let numerator = max(seeds - error, 0) + own.images
    let estimate = table.estimate(.difference(1, 0, of: 4))
    #expect(isNear(estimate.standardError, (numerator / 750).squareRoot()))
    let ratio = numerator / seeds
    #expect(isNear(estimate.degrees, max(4, 12 * ratio * ratio), within: 1e-6))
  }

  @Test func twoArmsArePooledWithThemselves() throws {
    let answers = try Answers.arms(2, seeds: 4, images: 90)
    let table = try CrossedAnalysis(answers)
    let pair = try PairedComparison(answers[0], answers[1])
    let pooled = PairedComparison(table, 0, 1)
    #expect(isNear(pooled.estimate.standardError, try #require(pair.estimate.standardError)))
    #expect(isNear(pooled.estimate.degrees, try #require(pair.estimate.degrees), within: 1e-6))
  }

  @Test func oneSeedGivesNoInterval() throws {
    let answers = try Answers.arms(3, seeds: 1, images: 80)
    let estimate = try PairedComparison(answers[0], answers[1]).estimate
    #expect(estimate.value != 0)
    #expect(estimate.standardError == nil && estimate.pValue == nil)
    #expect(estimate.interval() == nil)
    let family = ManyComparisons.allPairs(try CrossedAnalysis(answers))
    #expect(family.comparisons.count == 3)
    #expect(family.comparisons.allSatisfy { $0.interval == nil && $0.pValue == nil })
    #expect(family.indistinguishableFromBest() == [0, 1, 2])
  }

  @Test func equalAnswersDoNotDiffer() throws {
    let answers = try Answers.arms(1, seeds: 4, images: 80)[0]
    let estimate = try PairedComparison(answers, answers).estimate
    #expect(estimate.value == 0 && estimate.isDegenerate)
    #expect(estimate.pValue == 1)
    #expect(estimate.interval() == 0...0)
    let family = ManyComparisons.allPairs(try CrossedAnalysis([answers, answers, answers]))
    #expect(family.comparisons.allSatisfy { $0.pValue == 1 && $0.interval == 0...0 })
  }

  @Test func alwaysRightAgainstAlwaysWrongIsCertain() throws {
    let right = try CorrectAnswers([[Bool]](repeating: [true, true, true], count: 2))
    let wrong = try CorrectAnswers([[Bool]](repeating: [false, false, false], count: 2))
    let estimate = try PairedComparison(right, wrong).estimate
    #expect(estimate.value == 1 && estimate.pValue == 0 && estimate.interval() == 1...1)
  }

  @Test func seedsThatAgreeInTheirSumLeaveTheNormalDistribution() throws {
    // Each seed is better at another image, both by as much: MS_S is 0.
    let first = try CorrectAnswers([[true, false, true, true], [false, true, true, true]])
    let second = try CorrectAnswers([[false, false, true, false], [false, false, true, false]])
    let pair = try PairedComparison(first, second)
    #expect(pair.meanSquares?.seeds == 0)
    #expect(pair.estimate.degrees == .infinity)
    let error = try #require(pair.estimate.standardError)
    #expect(isNear(pair.estimate.interval()?.upperBound, 0.5 + 1.959963985 * error, within: 1e-8))
  }

  @Test func unpairedArmsAreRefused() throws {
    let three = try Answers.arms(1, seeds: 3, images: 80)
    let fewer = try Answers.arms(1, seeds: 2, images: 80)
    #expect(throws: StatisticsError.self) { try CrossedAnalysis(three + fewer) }
    #expect(throws: StatisticsError.self) { try CrossedAnalysis([]) }
    #expect(throws: StatisticsError.self) { try CorrectAnswers([]) }
    #expect(throws: StatisticsError.self) { try CorrectAnswers([[true], [true, false]]) }
    #expect(throws: StatisticsError.self) { try CrossedAnalysis(values: [[1, 2], [1]]) }
    #expect(throws: StatisticsError.self) { try CrossedAnalysis(values: [[1, .nan]]) }
  }

}
