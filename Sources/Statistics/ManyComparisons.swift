// SPDX-License-Identifier: Apache-2.0

/// Comparisons of a table's arms that hold all at once: their intervals miss no true difference
/// with a probability of at least the level.
///
/// The correlation of the estimates is that of the pooled analysis: seeds and images that arms
/// share. Each comparison keeps its own degrees of freedom in the joint quantile, as Games and
/// Howell do.
/// Source: Dunnett 1955; Tukey 1953; Games and Howell 1976.
public struct ManyComparisons: Equatable, Sendable {
  /// One difference among many.
  public struct Comparison: Equatable, Sendable {
    public let first: Int
    public let second: Int
    /// First − second, with its own (not simultaneous) interval and p value.
    public let estimate: Estimate
    /// Simultaneous; nil for one seed.
    public let interval: ClosedRange<Double>?
    /// Adjusted for the number of comparisons; nil for one seed.
    public let pValue: Double?
  }

  public let arms: Int
  public let level: Double
  public let comparisons: [Comparison]

  /// Dunnett's: every other arm − the reference, which was named before the runs.
  ///
  /// - Parameters:
  ///   - reference: an arm.
  ///   - table: with all arms.
  ///   - level: at which all intervals hold together.
  public static func withReference(
    _ reference: Int, _ table: CrossedAnalysis, level: Double = 0.95
  ) -> ManyComparisons {
    precondition(table.means.indices.contains(reference), "the reference is an arm")
    return ManyComparisons(table, referencePairs(reference, of: table.arms), level: level)
  }

  /// Tukey's: all pairs, first < second.
  public static func allPairs(
    _ table: CrossedAnalysis, level: Double = 0.95
  ) -> ManyComparisons {
    ManyComparisons(table, allPairs(of: table.arms), level: level)
  }

  static func referencePairs(_ reference: Int, of arms: Int) -> [(Int, Int)] {
    (0..<arms).filter { $0 != reference }.map { ($0, reference) }
  }

  static func allPairs(of arms: Int) -> [(Int, Int)] {
    (0..<arms).flatMap { first in (first + 1..<arms).map { (first, $0) } }
  }

  /// - Parameters:
  ///   - directions: of `LargestT`.
  ///   - withIntervals: false where p values suffice, which cost less.
  init(
    _ table: CrossedAnalysis, _ pairs: [(Int, Int)], level: Double, directions: Int = 65_536,
    withIntervals: Bool = true
  ) {
    arms = table.arms
    self.level = level
    let contrasts = pairs.map { Contrast.difference($0.0, $0.1, of: table.arms) }
    let largest = table.pooledCovariance.map {
      LargestT(covariance: $0, contrasts: contrasts, directions: directions)
    }
    // Many comparisons of a table have the same degrees of freedom, or nearly.
    var quantiles: [Double: Double] = [:]
    comparisons = zip(pairs, contrasts).map { pair, contrast in
      let estimate = table.estimate(contrast)
      guard let largest, let degrees = estimate.degrees, let statistic = estimate.statistic else {
        return Comparison(
          first: pair.0, second: pair.1, estimate: estimate, interval: nil, pValue: nil)
      }
      let quantile =
        withIntervals ? quantiles[degrees] ?? largest.quantile(level, degrees: degrees) : nil
      quantiles[degrees] = quantile
      return Comparison(
        first: pair.0, second: pair.1, estimate: estimate,
        interval: quantile.flatMap { estimate.interval(quantile: $0) },
        pValue: largest.probability(ofAtLeast: abs(statistic), degrees: degrees))
    }
  }

  /// The arms that are not told apart from the best: no other arm's advantage over them has a
  /// simultaneous interval above 0. It holds the truly best arm with a probability of at least the
  /// level. With one seed it holds all arms.
  ///
  /// Meaningful for `allPairs` only; with a reference it says which arms are not told to be worse
  /// than that.
  /// Source: multiple comparisons with the best as they follow from Tukey's method: Hsu, "Multiple
  /// Comparisons: Theory and Methods", 1996, chapter 4. Hsu's own one-sided quantile would give
  /// a slightly smaller set, whose members then contradict Tukey's intervals beside them.
  ///
  /// - Parameter higherIsBetter: false for a loss.
  public func indistinguishableFromBest(higherIsBetter: Bool = true) -> [Int] {
    var isBeaten = [Bool](repeating: false, count: arms)
    for comparison in comparisons {
      guard let interval = comparison.interval else { continue }
      if interval.lowerBound > 0 {
        isBeaten[higherIsBetter ? comparison.second : comparison.first] = true
      } else if interval.upperBound < 0 {
        isBeaten[higherIsBetter ? comparison.first : comparison.second] = true
      }
    }
    return isBeaten.indices.filter { !isBeaten[$0] }
  }
}
