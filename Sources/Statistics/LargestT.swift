// SPDX-License-Identifier: Apache-2.0

import CGSL
import Foundation

/// The largest |t| of several contrasts that share arms, seeds and images, where no contrast
/// differs from 0: what simultaneous intervals and adjusted p values are read from.
///
/// The t's are Z[j]/s with correlated normal Z = r·u·L: u a direction, r² of χ² with as many
/// degrees as the rank, s² of χ²/degrees. Given u, r/s is the root of an F, so that the probability
/// is an ordinary integral over directions: only they are drawn, by Monte Carlo with a fixed seed.
/// That keeps the standard error of the 95 % quantile below 0.005, see `quantileError`, and one
/// draw serves all degrees of freedom. With one contrast, or several of rank one, there is nothing
/// to draw.
/// Source: Deák, "Three digit accurate multiple normal probabilities", Numerische Mathematik 35,
/// 1980; Genz and Bretz, "Computation of Multivariate Normal and t Probabilities", 2009.
public struct LargestT: Sendable {
  /// Of the contrasts' covariance.
  public let rank: Int
  /// Directions drawn.
  public let directions: Int
  /// max |u·L[j]| over directions: means of groups of equally many, the least first.
  private let reaches: [Double]

  private static let groups = 256

  /// - Parameters:
  ///   - covariance: of the arms' accuracies, up to a factor.
  ///   - contrasts: those of variance 0 are left out.
  ///   - directions: how many are drawn.
  ///   - seed: of the draw.
  init(
    covariance: SymmetricMatrix, contrasts: [Contrast], directions: Int = 65_536, seed: UInt = 12
  ) {
    let factor = covariance.factor
    let terms = contrasts.compactMap { contrast -> [(arm: Int, weight: Double)]? in
      let variance = covariance.form(contrast.weights, contrast.weights)
      guard variance > 0 else { return nil }
      let scale = 1 / variance.squareRoot()
      return contrast.weights.enumerated().compactMap { arm, weight in
        weight == 0 ? nil : (arm, weight * scale)
      }
    }
    if terms.count < 2 || factor.count < 2 {
      (rank, self.directions, reaches) = (1, 0, terms.isEmpty ? [] : [1])
      return
    }
    rank = factor.count
    self.directions = directions
    let source = RandomSource(seed: seed)
    var drawn = [Double](repeating: 0, count: directions)
    for index in drawn.indices {
      let direction = source.direction(dimensions: factor.count)
      drawn[index] = Self.reach(direction, factor: factor, terms: terms)
    }
    drawn.sort()
    reaches = Self.means(of: drawn)
  }

  private static func reach(
    _ direction: [Double], factor: [[Double]], terms: [[(arm: Int, weight: Double)]]
  ) -> Double {
    var arms = [Double](repeating: 0, count: factor[0].count)
    for (column, part) in zip(factor, direction) {
      for arm in arms.indices { arms[arm] += column[arm] * part }
    }
    var reach = 0.0
    for contrast in terms {
      var sum = 0.0
      for term in contrast { sum += term.weight * arms[term.arm] }
      reach = max(reach, abs(sum))
    }
    return reach
  }

  private static func means(of sorted: [Double]) -> [Double] {
    let groups = min(groups, sorted.count)
    return (0..<groups).map { group in
      let part = sorted[group * sorted.count / groups..<(group + 1) * sorted.count / groups]
      return part.reduce(0, +) / Double(part.count)
    }
  }

  /// The probability that the largest |t| stays below a bound.
  public func probability(below bound: Double, degrees: Double) -> Double {
    moments(below: bound, degrees: degrees).mean
  }

  /// The probability that the largest |t| is at least as large: an adjusted p value.
  public func probability(ofAtLeast bound: Double, degrees: Double) -> Double {
    guard !reaches.isEmpty else { return bound > 0 ? 0 : 1 }
    guard bound.isFinite else { return 0 }
    return reaches.reduce(0) { $0 + above(bound, reach: $1, degrees: degrees) }
      / Double(reaches.count)
  }

  /// The value that the largest |t| stays below with a probability.
  public func quantile(_ level: Double, degrees: Double) -> Double {
    guard !reaches.isEmpty else { return 0 }
    var (low, high) = (0.0, 4.0)
    var atLow = -level
    var atHigh = probability(below: high, degrees: degrees) - level
    while atHigh < 0 {
      (low, atLow, high) = (high, atHigh, 2 * high)
      atHigh = probability(below: high, degrees: degrees) - level
    }
    // False position, halving the weight of an end that stays (the Illinois rule).
    while high - low > 1e-9 * high {
      let middle = (low * atHigh - high * atLow) / (atHigh - atLow)
      let value = probability(below: middle, degrees: degrees) - level
      if abs(value) < 1e-12 { return middle }
      if value < 0 {
        (low, atLow, atHigh) = (middle, value, atHigh / 2)
      } else {
        (high, atHigh, atLow) = (middle, value, atLow / 2)
      }
    }
    return (low + high) / 2
  }

  /// The standard error of a quantile that comes from drawing directions.
  public func quantileError(_ level: Double, degrees: Double) -> Double {
    guard directions > 0 else { return 0 }
    let quantile = quantile(level, degrees: degrees)
    let step = 1e-3 * quantile
    let density =
      (probability(below: quantile + step, degrees: degrees)
        - probability(below: quantile - step, degrees: degrees)) / (2 * step)
    let deviation = moments(below: quantile, degrees: degrees).deviation
    return deviation / Double(directions).squareRoot() / density
  }

  /// Over directions.
  private func moments(
    below bound: Double, degrees: Double
  ) -> (mean: Double, deviation: Double) {
    guard !reaches.isEmpty else { return (1, 0) }
    let values = reaches.map { 1 - above(bound, reach: $0, degrees: degrees) }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / Double(values.count)).squareRoot())
  }

  private func above(_ bound: Double, reach: Double, degrees: Double) -> Double {
    let square = (bound / reach) * (bound / reach)
    return degrees > 1e5
      ? gsl_cdf_chisq_Q(square, Double(rank))
      : gsl_cdf_fdist_Q(square / Double(rank), Double(rank), degrees)
  }
}
