// SPDX-License-Identifier: Apache-2.0

import CGSL
import Foundation

/// What a sweep can find out: the power of one of its comparisons, and what follows from it.
///
/// The spread between seeds that the sweep will happen to see decides its standard error, its
/// degrees of freedom and so its critical value; the power is the mean over what it can see (χ²
/// with (arms − 1)·(n − 1) degrees), with the true error in the numerator.
public struct Power: Sendable {
  /// Which comparisons share the level.
  public enum Family: Equatable, Sendable {
    /// One comparison, at its own level.
    case single
    /// Every arm with a reference.
    case reference
    /// All pairs.
    case allPairs
  }

  public let components: VarianceComponents
  public let images: Int
  public let arms: Int
  public let family: Family
  /// The probability of a false difference in the whole family.
  public let alpha: Double
  private let largest: LargestT?

  /// - Parameters:
  ///   - components: the variances.
  ///   - images: of the test set; 1 for a figure of seeds alone.
  ///   - arms: of the table, from which the spread between seeds is pooled; 2 at least.
  ///   - family: how many comparisons hold together.
  ///   - alpha: the chance of finding a difference where there is none.
  public init(
    _ components: VarianceComponents, images: Int, arms: Int, family: Family, alpha: Double = 0.05
  ) {
    precondition(arms >= 2 && images >= 1, "power is that of a comparison")
    (self.components, self.images) = (components, images)
    (self.arms, self.family, self.alpha) = (arms, family, alpha)
    let identity = SymmetricMatrix(size: arms) { $0 == $1 ? 1 : 0 }.centered
    let others = 1..<arms
    switch family {
    case .single: largest = nil
    case .reference:
      largest = LargestT(
        covariance: identity, contrasts: others.map { .difference($0, 0, of: arms) })
    case .allPairs:
      largest = LargestT(
        covariance: identity,
        contrasts: others.flatMap { first in
          (0..<first).map { .difference(first, $0, of: arms) }
        })
    }
  }

  /// The probability that a true difference of a size is found.
  ///
  /// - Returns: nil for one seed, with which nothing is tested.
  public func power(difference: Double, seeds: Int) -> Double? {
    guard seeds > 1 else { return nil }
    return Plan(self, seeds: seeds).power(of: abs(difference))
  }

  /// The least difference that is found with a probability.
  ///
  /// - Returns: nil for one seed.
  public func detectableDifference(seeds: Int, power: Double = 0.8) -> Double? {
    guard seeds > 1 else { return nil }
    let plan = Plan(self, seeds: seeds)
    guard plan.error > 0 else { return 0 }
    var (low, high) = (0.0, plan.error)
    while plan.power(of: high) < power { (low, high) = (high, 2 * high) }
    while high - low > 1e-6 * high {
      let middle = (low + high) / 2
      if plan.power(of: middle) < power { low = middle } else { high = middle }
    }
    return high
  }

  /// How many seeds it takes to find a difference.
  ///
  /// - Parameters:
  ///   - difference: as a share of the images.
  ///   - power: the chance of finding it.
  ///   - most: where the search ends.
  /// - Returns: nil where that many do not suffice: seeds do not lessen the chance that lies in the
  ///   test images.
  public func seeds(toDetect difference: Double, power: Double = 0.8, most: Int = 1000) -> Int? {
    func suffices(_ seeds: Int) -> Bool {
      Plan(self, seeds: seeds).power(of: abs(difference)) >= power
    }
    var high = 2
    while !suffices(high) {
      guard high < most else { return nil }
      high = min(2 * high, most)
    }
    var low = max(high / 2, 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if suffices(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// The critical value at some degrees of freedom.
  fileprivate func critical(degrees: Double) -> Double {
    largest?.quantile(1 - alpha, degrees: degrees)
      ?? Student.twoSidedQuantile(1 - alpha, degrees: degrees)
  }
}

/// What a number of seeds can happen to see of the spread between seeds.
private struct Plan {
  /// The true standard error of the difference.
  let error: Double
  /// Standard error times critical value, equally likely: a larger difference is found.
  private let bounds: [Double]

  private static let count = 200

  init(_ power: Power, seeds: Int) {
    let (images, components) = (power.images, power.components)
    error = components.variance(seeds: seeds, images: images).squareRoot()
    let expected = components.expectedSquares(seeds: seeds, images: images)
    let degrees = Double((power.arms - 1) * (seeds - 1))
    let critical = CriticalValues(from: Double(seeds - 1)) { power.critical(degrees: $0) }
    bounds = (0..<Self.count).map { index in
      let share = (Double(index) + 0.5) / Double(Self.count)
      let between = expected.seeds * gsl_cdf_chisq_Pinv(share, degrees) / degrees
      let numerator = max(between - expected.error, 0) + expected.images
      let seen = CrossedAnalysis.degrees(
        between: between, numerator: numerator, of: degrees, least: Double(seeds - 1))
      let standardError = (numerator / Double(seeds * images)).squareRoot()
      return standardError * critical(seen)
    }
  }

  /// The probability to find a difference, in either direction.
  func power(of difference: Double) -> Double {
    guard error > 0 else { return difference > 0 ? 1 : 0 }
    let found = bounds.reduce(0) { sum, bound in
      sum + gsl_cdf_ugaussian_Q((bound - difference) / error)
        + gsl_cdf_ugaussian_P((-bound - difference) / error)
    }
    return found / Double(bounds.count)
  }
}

/// Critical values between a few degrees of freedom, a straight line in 1/degrees.
private struct CriticalValues {
  /// 1/degrees, from 0 upwards, with the values there.
  private let nodes: [(inverse: Double, value: Double)]

  init(from least: Double, _ critical: (Double) -> Double) {
    let factors = [Double.infinity, 30, 12, 7, 5, 4, 3, 2.5, 2, 1.7, 1.5, 1.3, 1.15, 1]
    nodes = factors.map { (1 / (least * $0), critical(least * $0)) }
  }

  func callAsFunction(_ degrees: Double) -> Double {
    let inverse = 1 / degrees
    let upper = nodes.firstIndex { $0.inverse >= inverse } ?? nodes.count - 1
    guard upper > 0 else { return nodes[0].value }
    let (one, other) = (nodes[upper - 1], nodes[upper])
    let share = (inverse - one.inverse) / (other.inverse - one.inverse)
    return one.value + min(share, 1) * (other.value - one.value)
  }
}
