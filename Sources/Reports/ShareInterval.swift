// SPDX-License-Identifier: Apache-2.0

/// A share of successes and its 95 % interval.
///
/// Source: Wilson, 1927: unlike the normal interval it keeps inside 0…1 and is right for few trials
/// and for shares near 0 and 1.
public struct ShareInterval: Equatable, Sendable {
  public let share: Double
  public let lower: Double
  public let upper: Double

  /// The 97.5 % point of the standard normal distribution.
  private static let z = 1.959_963_984_540_054

  /// - Precondition: 0 ≤ successes ≤ trials, at least one trial.
  public init(successes: Int, of trials: Int) {
    precondition(trials > 0 && (0...trials).contains(successes), "successes among trials")
    let n = Double(trials)
    let share = Double(successes) / n
    let square = Self.z * Self.z
    let center = (share + square / (2 * n)) / (1 + square / n)
    let half =
      Self.z / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    self.share = share
    lower = successes == 0 ? 0 : max(0, center - half)
    upper = successes == trials ? 1 : min(1, center + half)
  }
}

/// The mean of many values and its 95 % interval by the normal distribution.
public struct MeanInterval: Equatable, Sendable {
  public let mean: Double
  /// Half the width; nil for a single value, which says nothing of its spread.
  public let half: Double?

  /// - Precondition: there are values.
  public init(_ values: [Float]) {
    precondition(!values.isEmpty, "a mean of something")
    let n = Double(values.count)
    let mean = values.reduce(0) { $0 + Double($1) } / n
    self.mean = mean
    guard values.count > 1 else {
      half = nil
      return
    }
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    half = 1.959_963_984_540_054 * (squares / (n - 1) / n).squareRoot()
  }
}
