// SPDX-License-Identifier: Apache-2.0

/// What a sweep says of one contrast of its arms.
public struct Estimate: Equatable, Sendable {
  public let value: Double
  /// nil for one seed, which says nothing of the spread between seeds.
  public let standardError: Double?
  /// Of Student's t; infinite where the seeds add nothing to the uncertainty. nil for one seed.
  public let degrees: Double?

  /// Value over standard error. 0 where both are 0, infinite where only the error is.
  public var statistic: Double? { statistic(against: 0) }

  /// Whether seeds and images all agree exactly: the interval is then the value alone.
  public var isDegenerate: Bool { standardError == 0 }

  /// Against 0, two-sided. 1 where all differences are 0; 0 where all are the same other number;
  /// nil for one seed.
  public var pValue: Double? { pValue(against: 0) }

  /// - Parameter level: as 0.95.
  /// - Returns: nil for one seed.
  public func interval(level: Double = 0.95) -> ClosedRange<Double>? {
    guard let degrees else { return nil }
    return interval(quantile: Student.twoSidedQuantile(level, degrees: degrees))
  }

  /// The value and that many standard errors to either side.
  func interval(quantile: Double) -> ClosedRange<Double>? {
    standardError.map { value - quantile * $0...value + quantile * $0 }
  }

  func statistic(against truth: Double) -> Double? {
    standardError.map { error in
      value == truth ? 0 : (value - truth) / error
    }
  }

  func pValue(against truth: Double) -> Double? {
    guard let statistic = statistic(against: truth), let degrees else { return nil }
    return Student.twoSidedP(statistic, degrees: degrees)
  }
}

/// From what the spread between seeds is estimated.
public enum Pooling: Sendable {
  /// From all arms together: (arms − 1)·(n − 1) degrees of freedom instead of n − 1. It takes the
  /// arms' seeds to scatter alike.
  case overArms
  /// From the contrast alone.
  case none
}

/// The mean squares of one contrast.
public struct MeanSquares: Equatable, Sendable {
  /// MS_S, between seeds.
  public let seeds: Double
  /// MS_I, between images.
  public let images: Double
  /// MS_E, the rest.
  public let error: Double
}

extension CrossedAnalysis {
  /// The mean squares of d[s,i] = Σ w correct[s,i].
  ///
  /// - Returns: nil for one seed.
  public func meanSquares(of contrast: Contrast) -> MeanSquares? {
    guard let seedSquares, let errorSquares else { return nil }
    let weights = contrast.weights
    return MeanSquares(
      seeds: max(seedSquares.form(weights, weights), 0),
      images: max(imageSquares.form(weights, weights), 0),
      error: max(errorSquares.form(weights, weights), 0))
  }

  /// The value of a contrast and its uncertainty over seeds and images together.
  ///
  /// Variance = numerator / (n·m), numerator = max(MS_S − MS_E, 0) + MS_I, and degrees of freedom
  /// max(n − 1, ν·(numerator / MS_S)²) with ν = n − 1, or (arms − 1)·(n − 1) where MS_S and MS_E of
  /// the first difference are pooled over the arms. A contrast whose weights do not sum to 0 is
  /// never pooled: what all arms share does not fall out of it.
  /// - Parameters:
  ///   - contrast: with a weight for each arm.
  ///   - pooling: over what MS_S and MS_E are pooled.
  public func estimate(_ contrast: Contrast, pooling: Pooling = .overArms) -> Estimate {
    precondition(contrast.weights.count == arms, "a contrast has a weight for each arm")
    let value = zip(contrast.weights, means).reduce(0) { $0 + $1.0 * $1.1 }
    guard let own = meanSquares(of: contrast) else {
      return Estimate(value: value, standardError: nil, degrees: nil)
    }
    var (between, rest) = (own.seeds, own.error)
    var degrees = Double(seeds - 1)
    if case .overArms = pooling, contrast.sumsToZero, let pooled = pooledSquares {
      between = contrast.squaredLength * pooled.seeds
      rest = contrast.squaredLength * pooled.error
      degrees *= Double(arms - 1)
    }
    let numerator = max(between - rest, 0) + own.images
    return Estimate(
      value: value, standardError: (numerator / Double(seeds * images)).squareRoot(),
      degrees: Self.degrees(
        between: between, numerator: numerator, of: degrees, least: Double(seeds - 1)))
  }

  /// Satterthwaite's: only the mean square between seeds has few degrees of freedom.
  static func degrees(
    between: Double, numerator: Double, of degrees: Double, least: Double
  ) -> Double {
    guard between > 0 else { return .infinity }
    let ratio = numerator / between
    return max(least, degrees * ratio * ratio)
  }

  /// MS_S and MS_E of arms against each other, in units of one arm: a contrast has Σ w² of them.
  /// nil for one arm or one seed.
  var pooledSquares: (seeds: Double, error: Double)? {
    guard arms > 1, let seedSquares, let errorSquares else { return nil }
    return (max(seedSquares.interaction, 0), max(errorSquares.interaction, 0))
  }

  /// n·m times the covariance of the arms' accuracies, as far as contrasts see it.
  var pooledCovariance: SymmetricMatrix? {
    guard let pooled = pooledSquares else { return nil }
    let excess = max(pooled.seeds - pooled.error, 0)
    return SymmetricMatrix(size: arms) { first, second in
      imageSquares[first, second] + (first == second ? excess : 0)
    }.centered
  }
}
