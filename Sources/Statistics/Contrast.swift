// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A weighted sum of the arms' accuracies: a difference, a slope, an interaction.
public struct Contrast: Equatable, Sendable {
  /// By arm.
  public let weights: [Double]

  public init(_ weights: [Double]) { self.weights = weights }

  /// The accuracy of one arm.
  public static func arm(_ arm: Int, of arms: Int) -> Contrast {
    Contrast((0..<arms).map { $0 == arm ? 1 : 0 })
  }

  /// `[first − second]`.
  public static func difference(_ first: Int, _ second: Int, of arms: Int) -> Contrast {
    arm(first, of: arms) - arm(second, of: arms)
  }

  /// The least-squares slope over positions, as log2 of the segment width: accuracy per doubling.
  ///
  /// - Parameter positions: nil for an arm that is not on the line; two different ones at least.
  /// - Throws: `StatisticsError` where all positions are equal.
  public static func slope(over positions: [Double?]) throws -> Contrast {
    try Line(positions).slope
  }

  /// `[(first − second) − (third − fourth)]`: what one factor does at one level of another, less
  /// what it does at the other level.
  public static func interaction(
    _ first: Int, _ second: Int, _ third: Int, _ fourth: Int, of arms: Int
  ) -> Contrast {
    difference(first, second, of: arms) - difference(third, fourth, of: arms)
  }

  public static func + (first: Contrast, second: Contrast) -> Contrast {
    Contrast(zip(first.weights, second.weights).map { $0 + $1 })
  }

  public static func - (first: Contrast, second: Contrast) -> Contrast {
    first + -1 * second
  }

  public static func * (factor: Double, contrast: Contrast) -> Contrast {
    Contrast(contrast.weights.map { factor * $0 })
  }

  /// Whether it compares arms with each other, so that what all share falls out.
  public var sumsToZero: Bool {
    let scale = weights.reduce(0) { $0 + abs($1) }
    return abs(weights.reduce(0, +)) <= 1e-12 * scale
  }

  /// Σ w².
  var squaredLength: Double { weights.reduce(0) { $0 + $1 * $1 } }
}

/// A least-squares line through arms at positions; its two coefficients are contrasts.
public struct Line: Equatable, Sendable {
  /// The height at position 0.
  public let intercept: Contrast
  public let slope: Contrast

  /// - Parameter positions: by arm; nil for an arm that is not on the line.
  /// - Throws: `StatisticsError` where a position is not finite or all are equal.
  public init(_ positions: [Double?]) throws {
    let present = positions.compactMap { $0 }
    guard present.allSatisfy(\.isFinite) else {
      throw StatisticsError("a position of a line is not finite")
    }
    let count = Double(present.count)
    let mean = present.reduce(0, +) / max(count, 1)
    let squares = present.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    guard let least = present.min(), let greatest = present.max(), least < greatest else {
      throw StatisticsError("a line needs arms at two different positions at least")
    }
    let slopes = positions.map { position in position.map { ($0 - mean) / squares } ?? 0 }
    slope = Contrast(slopes)
    intercept = Contrast(
      zip(positions, slopes).map { position, slope in
        position == nil ? 0 : 1 / count - mean * slope
      })
  }
}
