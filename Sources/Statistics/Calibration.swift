// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Whether the analysis keeps its promises: sweeps simulated from a model are analysed as real ones
/// are, and what is found is compared with what is true.
public struct Calibration: Equatable, Sendable {
  public let sweeps: Int
  /// The share of sweeps without a true difference in which Dunnett's comparisons find one.
  public let familyWiseError: Double
  /// The same of Tukey's all pairs.
  public let familyWiseErrorOfPairs: Double
  /// The share of single 95 % intervals, of every arm against the reference, that hold the truth.
  public let coverage: Double
  /// The share of the same intervals without pooling over arms that hold it.
  public let coverageUnpooled: Double
  /// The difference that the calculation says is found in 80 % of sweeps by Dunnett's comparisons.
  public let detectable: Double
  /// The share of sweeps with that difference, in one arm, in which its comparison finds it.
  public let power: Double

  /// - Parameters:
  ///   - model: its first accuracy serves all arms of the sweeps without a difference.
  ///   - arms: of a sweep.
  ///   - seeds: of an arm.
  ///   - images: of the test set.
  ///   - sweeps: without a difference, and again as many with one.
  ///   - seed: of the simulation.
  public init(
    _ model: SweepModel, arms: Int, seeds: Int, images: Int, sweeps: Int, seed: UInt
  ) {
    var null = model
    null.accuracies = [Double](repeating: model.accuracies[0], count: arms)
    let components = null.components()
    let calculation = Power(components, images: images, arms: arms, family: .reference)
    let detectable = calculation.detectableDifference(seeds: seeds) ?? 0
    var shifted = null
    shifted.accuracies[arms - 1] += detectable

    var tally = Tally()
    let nulls = null.simulator(seeds: seeds, images: images, seed: seed)
    for _ in 0..<sweeps { tally.count(null: nulls.next()) }
    let shifts = shifted.simulator(seeds: seeds, images: images, seed: seed + 1)
    for _ in 0..<sweeps { tally.count(shifted: shifts.next()) }

    let total = Double(sweeps)
    self.sweeps = sweeps
    self.detectable = detectable
    familyWiseError = Double(tally.falseFamilies) / total
    familyWiseErrorOfPairs = Double(tally.falsePairs) / total
    coverage = Double(tally.covered) / (total * Double(arms - 1))
    coverageUnpooled = Double(tally.coveredUnpooled) / (total * Double(arms - 1))
    power = Double(tally.found) / total
  }

  private struct Tally {
    var falseFamilies = 0
    var falsePairs = 0
    var covered = 0
    var coveredUnpooled = 0
    var found = 0

    private static func quick(
      _ table: CrossedAnalysis, _ pairs: [(Int, Int)]
    ) -> ManyComparisons {
      ManyComparisons(table, pairs, level: 0.95, directions: 2048, withIntervals: false)
    }

    /// Whether a p value calls a difference one. None, or NaN, counts against the method: it does.
    private static func isRejected(_ pValue: Double?) -> Bool { !((pValue ?? .nan) >= 0.05) }

    mutating func count(null answers: [CorrectAnswers]) {
      guard let table = try? CrossedAnalysis(answers) else {
        falseFamilies += 1
        falsePairs += 1
        return
      }
      let family = Self.quick(table, ManyComparisons.referencePairs(0, of: table.arms))
      if family.comparisons.contains(where: { Self.isRejected($0.pValue) }) { falseFamilies += 1 }
      let pairs = Self.quick(table, ManyComparisons.allPairs(of: table.arms))
      if pairs.comparisons.contains(where: { Self.isRejected($0.pValue) }) { falsePairs += 1 }
      for comparison in family.comparisons {
        if !Self.isRejected(comparison.estimate.pValue) { covered += 1 }
        let contrast = Contrast.difference(comparison.first, comparison.second, of: table.arms)
        let unpooled = table.estimate(contrast, pooling: .none)
        if !Self.isRejected(unpooled.pValue) { coveredUnpooled += 1 }
      }
    }

    mutating func count(shifted answers: [CorrectAnswers]) {
      guard let table = try? CrossedAnalysis(answers) else { return }
      let family = Self.quick(table, ManyComparisons.referencePairs(0, of: table.arms))
      if let pValue = family.comparisons.last?.pValue, pValue < 0.05 { found += 1 }
    }
  }
}

extension SweepModel {
  /// The variances of a difference of two arms of the first arm's accuracy, exactly.
  public func components() -> VarianceComponents {
    let accuracy = accuracies[0]
    let bound = -Student.normalQuantile(accuracy)
    func both(_ correlation: Double) -> Double {
      BivariateNormal.bothAbove(bound, bound, correlation: correlation) - accuracy * accuracy
    }
    let total = accuracy * (1 - accuracy)
    // Covariances of two answers: same image of other arms; of other seeds; other image of a seed.
    let (image, own, luck) = (both(difficulty), both(difficulty + taste), both(luck))
    return VarianceComponents(
      seed: 2 * luck, image: 2 * (own - image), residual: 2 * (total - own - luck))
  }
}
