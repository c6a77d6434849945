// SPDX-License-Identifier: Apache-2.0

import CGSL
import Foundation

/// A model of a sweep: an arm's seed gets an image right where threshold[arm] + difficulty[image] +
/// taste[arm,image] + luck[arm,seed] + rest[arm,seed,image] is above 0, all terms normal and their
/// variances summing to 1, so that an arm's true accuracy is Φ(threshold).
public struct SweepModel: Equatable, Sendable {
  /// True, by arm; each above 0 and below 1.
  public var accuracies: [Double]
  /// The variance of what makes an image hard for all arms.
  public var difficulty: Double
  /// Of what makes an image hard for all seeds of one arm.
  public var taste: Double
  /// Of what makes one seed of one arm better at all images.
  public var luck: Double

  public init(accuracies: [Double], difficulty: Double, taste: Double, luck: Double) {
    self.accuracies = accuracies
    self.difficulty = difficulty
    self.taste = taste
    self.luck = luck
  }

  /// What is left for the rest.
  public var rest: Double { max(1 - difficulty - taste - luck, 0) }

  /// The model that fits answers: accuracies as they are; difficulty and taste from how often two
  /// seeds of different arms, and of one arm, are both right (tetrachoric correlations); luck from
  /// the pooled mean squares between seeds.
  ///
  /// - Throws: `StatisticsError` where there are not two arms and two seeds, or where an arm is
  ///   always right or always wrong; as `CrossedAnalysis.init`.
  public init(fittedTo answers: [CorrectAnswers]) throws {
    let table = try CrossedAnalysis(answers)
    guard let pooled = table.pooledSquares else {
      throw StatisticsError("a model is fitted to two arms and two seeds at least")
    }
    if let arm = table.means.firstIndex(where: { $0 <= 0 || $0 >= 1 }) {
      throw StatisticsError("arm \(arm) is always right or always wrong")
    }
    let thresholds = table.means.map { gsl_cdf_ugaussian_Pinv($0) }
    let counts = answers.map { $0.countsByImage }
    var (own, shared) = ([Double](), [Double]())
    for first in answers.indices {
      for second in 0...first {
        let correlation = Self.correlation(
          first, second, thresholds: thresholds, counts: counts, seeds: table.seeds,
          sameSeed: answers[first].both(answers[second]))
        if first == second { own.append(correlation) } else { shared.append(correlation) }
      }
    }
    let within = own.reduce(0, +) / Double(own.count)
    let across = shared.reduce(0, +) / Double(shared.count)
    let height = thresholds.reduce(0) { $0 + gsl_ran_ugaussian_pdf($1) } / Double(table.arms)
    let excess = max(pooled.seeds - pooled.error, 0) / Double(table.images)
    self.init(
      accuracies: table.means, difficulty: max(across, 0), taste: max(within - max(across, 0), 0),
      luck: excess / (height * height))
  }

  /// The correlation of two arms' latent values at different seeds.
  private static func correlation(
    _ first: Int, _ second: Int, thresholds: [Double], counts: [[Int32]], seeds: Int,
    sameSeed: Int
  ) -> Double {
    let products = zip(counts[first], counts[second]).reduce(0) { $0 + Int($1.0 * $1.1) }
    let pairs = Double(seeds * (seeds - 1) * counts[first].count)
    return BivariateNormal.correlation(
      bothAbove: Double(products - sameSeed) / pairs, -thresholds[first], -thresholds[second])
  }

  /// Sweeps drawn from the model.
  public func simulator(seeds: Int, images: Int, seed: UInt) -> SweepSimulator {
    SweepSimulator(self, seeds: seeds, images: images, seed: seed)
  }
}

/// Two standard normal values.
enum BivariateNormal {
  /// The probability that both are above their bounds.
  ///
  /// Its derivative by the correlation is the density at the bounds, integrated here over the
  /// correlation's arc sine by Simpson's rule: within 1e-10 up to a correlation of 0.99.
  static func bothAbove(_ first: Double, _ second: Double, correlation: Double) -> Double {
    let squares = (first * first + second * second) / 2
    let end = asin(correlation)
    let steps = 64
    func density(_ angle: Double) -> Double {
      exp((first * second * sin(angle) - squares) / (cos(angle) * cos(angle)))
    }
    let sum = (0...steps).reduce(0) { sum, step in
      let weight = step == 0 || step == steps ? 1.0 : step.isMultiple(of: 2) ? 2 : 4
      return sum + weight * density(end * Double(step) / Double(steps))
    }
    return gsl_cdf_ugaussian_Q(first) * gsl_cdf_ugaussian_Q(second)
      + sum * end / Double(3 * steps) / (2 * Double.pi)
  }

  /// The correlation that makes both as often above their bounds, within ±0.99.
  static func correlation(bothAbove share: Double, _ first: Double, _ second: Double) -> Double {
    var (low, high) = (-0.99, 0.99)
    while high - low > 1e-9 {
      let middle = (low + high) / 2
      if bothAbove(first, second, correlation: middle) < share {
        low = middle
      } else {
        high = middle
      }
    }
    return (low + high) / 2
  }
}
