// SPDX-License-Identifier: Apache-2.0

/// What an array's values are like, at a glance.
public struct ArrayStatistics: Equatable, Sendable {
  /// Of the finite values; nil where there are none.
  public var minimum: Float?
  public var maximum: Float?
  public var mean: Double?
  /// How many values are NaN or infinite.
  public var nonFinite = 0

  public init(_ values: [Float]) {
    var (low, high, sum) = (Float.infinity, -Float.infinity, 0.0)
    for value in values {
      guard value.isFinite else {
        nonFinite += 1
        continue
      }
      low = min(low, value)
      high = max(high, value)
      sum += Double(value)
    }
    guard nonFinite < values.count else { return }
    (minimum, maximum, mean) = (low, high, sum / Double(values.count - nonFinite))
  }
}
