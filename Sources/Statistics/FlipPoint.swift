// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a straight line of effects changes its sign: the position at which two arms' lines cross,
/// or at which a slope turns round.
///
/// The line's height at x is intercept + slope·x, both contrasts of the arms; the interval holds
/// every x at which the height is not told from 0.
/// Source: Fieller 1954. The lesser degrees of freedom of intercept and slope are taken.
public struct FlipPoint: Equatable, Sendable {
  /// What Fieller's interval can be.
  public enum Interval: Equatable, Sendable {
    case bounded(ClosedRange<Double>)
    /// The slope is not told from 0, but some positions are excluded: all outside the open range.
    case outside(ClosedRange<Double>)
    /// No position is excluded.
    case everywhere
  }

  /// −intercept / slope; nil where the slope is exactly 0.
  public let position: Double?
  /// nil for one seed.
  public let interval: Interval?

  /// - Parameters:
  ///   - table: with an arm for each point.
  ///   - intercept: the height at position 0.
  ///   - slope: its change with the position.
  ///   - level: of the interval.
  public init(
    _ table: CrossedAnalysis, intercept: Contrast, slope: Contrast, level: Double = 0.95
  ) {
    let height = table.estimate(intercept)
    let rise = table.estimate(slope)
    position = rise.value == 0 ? nil : -height.value / rise.value
    guard let heightError = height.standardError, let riseError = rise.standardError,
      let sumError = table.estimate(intercept + slope).standardError,
      let heightDegrees = height.degrees, let riseDegrees = rise.degrees
    else {
      interval = nil
      return
    }
    let quantile = Student.twoSidedQuantile(level, degrees: min(heightDegrees, riseDegrees))
    let square = quantile * quantile
    let covariance =
      (sumError * sumError - heightError * heightError - riseError * riseError) / 2
    interval = Self.interval(
      a: rise.value * rise.value - square * riseError * riseError,
      b: height.value * rise.value - square * covariance,
      c: height.value * height.value - square * heightError * heightError)
  }

  /// Where a·x² + 2b·x + c ≤ 0.
  static func interval(a: Double, b: Double, c: Double) -> Interval {
    let discriminant = b * b - a * c
    guard a != 0, discriminant > 0 || a > 0 else { return .everywhere }
    let root = max(discriminant, 0).squareRoot()
    // The root that does not subtract, and the other from their product.
    let far = b >= 0 ? -b - root : -b + root
    let first = far / a
    let second = far == 0 ? 0 : c / far
    let range = min(first, second)...max(first, second)
    return a > 0 ? .bounded(range) : .outside(range)
  }

  /// Where two lines of arms cross: accuracy over log2 of the segment width, with and without an
  /// activation between, say.
  ///
  /// - Parameters:
  ///   - table: with an arm for each point.
  ///   - first: positions by arm; nil for an arm that is not on that line.
  ///   - second: likewise, of the other line.
  ///   - level: of the interval.
  /// - Throws: `StatisticsError` where a line has not two different positions.
  public static func crossing(
    _ table: CrossedAnalysis, _ first: [Double?], _ second: [Double?], level: Double = 0.95
  ) throws -> FlipPoint {
    let (one, other) = (try Line(first), try Line(second))
    return FlipPoint(
      table, intercept: one.intercept - other.intercept, slope: one.slope - other.slope,
      level: level)
  }

  /// At which level of a factor the slope over positions changes its sign, a straight line through
  /// the slopes: the λ of `coupling` at which wider segments begin to pay, say.
  ///
  /// - Parameters:
  ///   - table: with an arm for each point.
  ///   - levels: of the factor.
  ///   - positions: by level, then by arm; nil for an arm that has another level.
  ///   - confidence: of the interval.
  /// - Throws: `StatisticsError` where there are not two different levels, or a level has not two
  ///   different positions.
  public static func ofSlopes(
    _ table: CrossedAnalysis, levels: [Double], positions: [[Double?]], confidence: Double = 0.95
  ) throws -> FlipPoint {
    guard levels.count == positions.count else {
      throw StatisticsError("\(levels.count) levels, but \(positions.count) lists of positions")
    }
    let slopes = try positions.map { try Contrast.slope(over: $0) }
    let line = try Line(levels.map { $0 })
    let none = Contrast([Double](repeating: 0, count: table.arms))
    func combined(_ contrast: Contrast) -> Contrast {
      zip(contrast.weights, slopes).reduce(none) { $0 + $1.0 * $1.1 }
    }
    return FlipPoint(
      table, intercept: combined(line.intercept), slope: combined(line.slope), level: confidence)
  }
}
