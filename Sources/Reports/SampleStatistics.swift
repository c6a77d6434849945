// SPDX-License-Identifier: Apache-2.0

import CGSL

/// What a sample of seeds says of its mean.
public struct SampleStatistics: Equatable, Sendable {
  public let count: Int
  public let mean: Double
  /// The sample's standard deviation (n − 1 below the line); nil for a sample of one.
  public let deviation: Double?
  /// Half the width of the 95 % confidence interval of the mean, by Student's t; nil for a
  /// sample of one, which says nothing of its own spread.
  public let confidence95: Double?

  /// - Returns: nil for an empty sample.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    guard values.count > 1 else {
      (deviation, confidence95) = (nil, nil)
      return
    }
    let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    self.deviation = deviation
    confidence95 =
      Self.studentQuantile(0.975, degrees: values.count - 1) * deviation
      / Double(values.count).squareRoot()
  }

  /// The value that Student's t stays below with a probability.
  ///
  /// Source: GSL, `gsl_cdf_tdist_Pinv`.
  static func studentQuantile(_ probability: Double, degrees: Int) -> Double {
    gsl_cdf_tdist_Pinv(probability, Double(degrees))
  }

  /// The middle value, or the mean of the two middle ones; nil where there is none.
  public static func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }
}
