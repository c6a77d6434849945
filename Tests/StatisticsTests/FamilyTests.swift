// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Statistics

/// Families of comparisons, against published tables and what R gave (`make parity-statistics`).
@Suite struct FamilyTests {
  /// By name.
  static let golden: [String: Double] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/statistics.txt").standardized
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return Dictionary(
      text.split(separator: "\n").compactMap { line -> (String, Double)? in
        let fields = line.split(separator: " ")
        return fields.count == 2 ? Double(fields[1]).map { (String(fields[0]), $0) } : nil
      }
    ) { $1 }
  }()

  private func golden(_ name: String) throws -> Double {
    try #require(Self.golden[name], "no \(name) in Tests/Golden/statistics.txt")
  }

  private func largest(_ arms: Int, _ pairs: [(Int, Int)]) -> LargestT {
    LargestT(
      covariance: SymmetricMatrix(size: arms) { $0 == $1 ? 1 : 0 }.centered,
      contrasts: pairs.map { .difference($0.0, $0.1, of: arms) })
  }

  /// Dunnett 1964, table of two-sided 5 % points; t and normal for a single comparison.
  @Test(arguments: [
    (1, 10.0, 2.23), (2, 10.0, 2.57), (4, 10.0, 2.89), (9, 10.0, 3.24), (4, 20.0, 2.65),
    (4, Double.infinity, 2.44), (9, Double.infinity, 2.69),
  ])
  func quantilesAreDunnetts(others: Int, degrees: Double, expected: Double) {
    let family = largest(others + 1, ManyComparisons.referencePairs(0, of: others + 1))
    #expect(isNear(family.quantile(0.95, degrees: degrees), expected, within: 0.0101))
    #expect(family.quantileError(0.95, degrees: degrees) < 0.005)
  }

  @Test(arguments: [1, 4, 12], [4, 16, 0])
  func quantilesAreMvtnorms(others: Int, degrees: Int) throws {
    let family = largest(others + 1, ManyComparisons.referencePairs(0, of: others + 1))
    let freedom = degrees == 0 ? Double.infinity : Double(degrees)
    let error = family.quantileError(0.95, degrees: freedom)
    #expect(
      isNear(
        family.quantile(0.95, degrees: freedom), try golden("dunnett-\(others)-\(degrees)"),
        within: 4 * error + 2e-3))
  }

  @Test(arguments: [3, 5, 13], [4, 16, 0])
  func quantilesAreTukeys(arms: Int, degrees: Int) throws {
    let family = largest(arms, ManyComparisons.allPairs(of: arms))
    let freedom = degrees == 0 ? Double.infinity : Double(degrees)
    let quantile = family.quantile(0.95, degrees: freedom)
    let error = family.quantileError(0.95, degrees: freedom)
    #expect(error < 0.005)
    #expect(isNear(quantile, try golden("tukey-\(arms)-\(degrees)"), within: 4 * error + 1e-3))
  }

  @Test func aProbabilityAndItsQuantileAgree() {
    let family = largest(5, ManyComparisons.allPairs(of: 5))
    for level in [0.5, 0.95, 0.999] {
      let quantile = family.quantile(level, degrees: 6)
      #expect(isNear(family.probability(below: quantile, degrees: 6), level, within: 1e-8))
      #expect(isNear(family.probability(ofAtLeast: quantile, degrees: 6), 1 - level, within: 1e-8))
    }
  }

  @Test func theSameSeedDrawsTheSameDirections() {
    let pairs = ManyComparisons.allPairs(of: 4)
    #expect(
      largest(4, pairs).quantile(0.95, degrees: 9) == largest(4, pairs).quantile(0.95, degrees: 9))
  }

  /// 4 arms, 5 seeds; the same in Tests/Parity/statistics.R.
  static let loss = [
    [0.52, 0.61, 0.55, 0.58, 0.49], [0.47, 0.58, 0.49, 0.55, 0.45],
    [0.50, 0.57, 0.56, 0.54, 0.47], [0.61, 0.69, 0.60, 0.70, 0.57],
  ]

  @Test(arguments: ["dunnett", "tukey"])
  func familiesAreMultcomps(name: String) throws {
    let table = try CrossedAnalysis(values: Self.loss)
    let family =
      name == "tukey" ? ManyComparisons.allPairs(table) : .withReference(0, table)
    #expect(family.comparisons.count == (name == "tukey" ? 6 : 3))
    for comparison in family.comparisons {
      let (low, high) = (
        min(comparison.first, comparison.second), max(comparison.first, comparison.second)
      )
      let sign = comparison.first > comparison.second ? 1.0 : -1
      let prefix = "\(name)-\(high)-\(low)"
      let estimate = comparison.estimate
      #expect(isNear(sign * estimate.value, try golden("\(prefix)-value"), within: 2e-9))
      #expect(isNear(estimate.standardError, try golden("\(prefix)-error"), within: 2e-9))
      #expect(isNear(estimate.degrees, 12))
      let single = try #require(estimate.interval())
      let joint = try #require(comparison.interval)
      let (lower, jointLower) =
        sign > 0
        ? (single.lowerBound, joint.lowerBound) : (-single.upperBound, -joint.upperBound)
      #expect(isNear(lower, try golden("\(prefix)-single-lower"), within: 2e-9))
      #expect(isNear(jointLower, try golden("\(prefix)-joint-lower"), within: 2e-4))
      #expect(isNear(comparison.pValue, try golden("\(prefix)-adjusted-p"), within: 2e-3))
    }
  }

  @Test func theSetOfTheBestHoldsWhatIsNotBeaten() throws {
    let family = ManyComparisons.allPairs(try CrossedAnalysis(values: Self.loss))
    #expect(family.indistinguishableFromBest(higherIsBetter: true) == [3])
    #expect(family.indistinguishableFromBest(higherIsBetter: false) == [1, 2])
  }

  @Test func meanSquaresAreRs() throws {
    let first = [
      [1, 1, 0, 1, 1, 0, 1, 1], [1, 0, 0, 1, 1, 1, 1, 1], [1, 1, 0, 1, 1, 0, 1, 0],
    ]
    let second = [
      [1, 0, 0, 1, 0, 0, 1, 1], [0, 0, 0, 1, 1, 0, 1, 0], [1, 1, 1, 0, 1, 0, 0, 0],
    ]
    let pair = try PairedComparison(
      CorrectAnswers(first.map { $0.map { $0 == 1 } }),
      CorrectAnswers(second.map { $0.map { $0 == 1 } }))
    #expect(isNear(pair.meanSquares?.seeds, try golden("squares-seeds"), within: 2e-9))
    #expect(isNear(pair.meanSquares?.images, try golden("squares-images"), within: 2e-9))
    #expect(isNear(pair.meanSquares?.error, try golden("squares-error"), within: 2e-9))
  }

  @Test func theLossComparesByThePairedT() throws {
    let estimate = try PairedComparison(values: Self.loss[0], Self.loss[1]).estimate
    #expect(isNear(estimate.degrees, 4))
    #expect(isNear(estimate.pValue, try golden("paired-t-p"), within: 2e-9))
  }

  @Test(arguments: [3, 5, 8])
  func powerIsThatOfThePairedT(seeds: Int) throws {
    let components = VarianceComponents(seed: 0.09, image: 0, residual: 0)
    let power = Power(components, images: 1, arms: 2, family: .single)
    let expected = try golden("power-\(seeds)")
    #expect(isNear(power.power(difference: 0.5, seeds: seeds), expected, within: 1e-3))
  }

  @Test func twoNormalValuesAreBothAbove() throws {
    let share = BivariateNormal.bothAbove(0.3, -0.5, correlation: 0.7)
    #expect(isNear(share, try golden("both-above"), within: 1e-6))
    #expect(
      isNear(BivariateNormal.correlation(bothAbove: share, 0.3, -0.5), 0.7, within: 1e-7))
  }
}
