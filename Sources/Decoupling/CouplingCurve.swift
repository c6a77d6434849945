// SPDX-License-Identifier: Apache-2.0

import CGSL

/// What kernels read whose coupling λ is known, and so which λ another kernel reads like.
///
/// The reading is the share per output above what chance reads, `(share − null) / (1 − null)`, since
/// the null depends on a kernel's shape. It falls as λ grows: where the means of two neighbours do
/// not, both are drawn to their common mean. Between levels the curve is straight.
/// Source: inverse prediction as in Draper and Smith, "Applied Regression Analysis", 1998, section
/// 3.2; monotone means as in Barlow et al., "Statistical Inference under Order Restrictions", 1972.
public struct CouplingCurve: Equatable, Sendable {
  /// The kernels of one λ.
  public struct Level: Equatable, Sendable {
    public let lambda: Double
    public let readings: [Double]
    public let mean: Double
    /// Between kernels; nil of a single one.
    public let deviation: Double?
    /// Of the curve, which never rises.
    public fileprivate(set) var fitted: Double

    public var count: Int { readings.count }

    /// Where the mean of so many further kernels lies with a probability of 95 %; nil where the
    /// spread is unknown.
    public func prediction(ofMean kernels: Int = 1) -> ClosedRange<Double>? {
      guard let deviation else { return nil }
      let quantile = gsl_cdf_tdist_Qinv(0.025, Double(count - 1))
      let half = quantile * deviation * (1 / Double(kernels) + 1 / Double(count)).squareRoot()
      return fitted - half...fitted + half
    }
  }

  /// A λ read off the curve.
  public struct Reading: Equatable, Sendable {
    public let lambda: Double
    /// The λ whose kernels may read so, 95 %, within the levels; nil where no spread is known or none
    /// of them may.
    public let interval: ClosedRange<Double>?
    /// Whether the kernel reads beyond the curve's end, at which λ then stands.
    public let isBeyond: Bool
  }

  /// By λ, at least two.
  public private(set) var levels: [Level]

  /// - Parameter samples: the reading of a kernel for each λ; what is not finite is left out.
  /// - Returns: nil of less than two levels.
  public init?(_ samples: [(lambda: Double, reading: Double)]) {
    let finite = samples.filter { $0.lambda.isFinite && $0.reading.isFinite }
    levels = Dictionary(grouping: finite, by: \.lambda).sorted { $0.key < $1.key }
      .map { lambda, samples in
        let readings = samples.map(\.reading)
        let mean = readings.reduce(0, +) / Double(readings.count)
        let squares = readings.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return Level(
          lambda: lambda, readings: readings, mean: mean,
          deviation: readings.count > 1 ? (squares / Double(readings.count - 1)).squareRoot() : nil,
          fitted: mean)
      }
    guard levels.count > 1 else { return nil }
    fit()
  }

  /// Pools neighbours that violate the order.
  private mutating func fit() {
    var pools: [(mean: Double, weight: Double, levels: Int)] = []
    for level in levels {
      pools.append((level.mean, Double(level.count), 1))
      while let last = pools.last, pools.count > 1, pools[pools.count - 2].mean < last.mean {
        pools.removeLast()
        let before = pools.removeLast()
        let weight = before.weight + last.weight
        let mean = (before.mean * before.weight + last.mean * last.weight) / weight
        pools.append((mean, weight, before.levels + last.levels))
      }
    }
    let fitted = pools.flatMap { pool in Array(repeating: pool.mean, count: pool.levels) }
    for index in levels.indices { levels[index].fitted = fitted[index] }
  }

  /// The share above chance.
  public static func reading(of share: Double, null: Double) -> Double {
    (share - null) / (1 - null)
  }

  /// The λ that reads like the mean of some kernels.
  ///
  /// - Parameters:
  ///   - reading: above its null.
  ///   - kernels: how many it is the mean of.
  public func lambda(of reading: Double, ofMean kernels: Int = 1) -> Reading {
    let (first, last) = (levels[0], levels[levels.count - 1])
    let isBeyond = !(reading <= first.fitted && reading >= last.fitted)
    let lambda =
      reading > first.fitted
      ? first.lambda : crossing(reading) { $0.fitted } ?? last.lambda
    return Reading(
      lambda: lambda, interval: interval(of: reading, kernels), isBeyond: isBeyond)
  }

  /// The middle of where a falling line through the levels meets a value; nil where it does not.
  private func crossing(_ value: Double, _ height: (Level) -> Double) -> Double? {
    var met: [Double] = []
    for (left, right) in zip(levels, levels.dropFirst()) {
      let (high, low) = (height(left), height(right))
      guard value <= high, value >= low else { continue }
      met +=
        high > low
        ? [left.lambda + (right.lambda - left.lambda) * (high - value) / (high - low)]
        : [left.lambda, right.lambda]
    }
    guard let least = met.min(), let most = met.max() else { return nil }
    return (least + most) / 2
  }

  /// From the first λ to the last whose prediction holds the reading.
  private func interval(of reading: Double, _ kernels: Int) -> ClosedRange<Double>? {
    let bands = levels.map { $0.prediction(ofMean: kernels) }
    var ends: [Double] = []
    for (index, (left, right)) in zip(levels, levels.dropFirst()).enumerated() {
      guard let first = bands[index], let second = bands[index + 1] else { return nil }
      // Shares of the way from left to right between which each of the two limits holds.
      let above = Self.share(from: first.upperBound - reading, to: second.upperBound - reading)
      let below = Self.share(from: reading - first.lowerBound, to: reading - second.lowerBound)
      guard let above, let below, above.overlaps(below) else { continue }
      for share in [
        max(above.lowerBound, below.lowerBound), min(above.upperBound, below.upperBound),
      ] { ends.append(left.lambda + share * (right.lambda - left.lambda)) }
    }
    guard let least = ends.min(), let most = ends.max() else { return nil }
    return least...most
  }

  /// Where on the way between two values a straight line is not negative; nil where nowhere.
  private static func share(from first: Double, to second: Double) -> ClosedRange<Double>? {
    switch (first >= 0, second >= 0) {
    case (true, true): 0...1
    case (true, false): 0...first / (first - second)
    case (false, true): first / (first - second)...1
    case (false, false): nil
    }
  }
}
