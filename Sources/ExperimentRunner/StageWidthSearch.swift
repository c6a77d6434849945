// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// The search for widths of single stages where whole widths of a network are too coarse: one channel
/// more in every stage can be several per cent of a small network.
///
/// All stages but the last three keep their widths. The others are tried at up to five widths each,
/// evenly spread over a range that reaches one channel of the first stage (two of the second, four of
/// the third, where stages double) to either side, then two, up to a quarter of the width. The first
/// range in which a network is close enough ends the search: shapes stay as close to the original as
/// the budget allows. A range costs at most 125 graphs and no weights.
public struct StageWidthSearch {
  let count: NetworkCount
  let target: Int
  let within: Double

  /// A network and what it costs.
  public struct Result: Sendable {
    public let network: NetworkDescription
    public let count: Int
    public let mismatch: Double
  }

  /// The closest network of the smallest range that has one within the limit, or the closest of all;
  /// nil where the network's widths cannot be set one by one.
  func closest(from network: NetworkDescription) throws(BudgetMatching.Failure) -> Result? {
    let widths = network.partWidths
    guard let first = widths.first else { return nil }
    var best: Result?
    for reach in 1...max(1, first / 4) {
      let choices = widths.enumerated().map { index, width in
        index < widths.count - 3 ? [width] : Self.choices(around: width, by: reach * width / first)
      }
      for candidate in Self.combinations(choices) {
        let result = try result(network, candidate)
        // Of equally close ones the first, which is the narrower.
        if let result, !(abs(result.mismatch) >= abs(best?.mismatch ?? .infinity)) { best = result }
      }
      if let best, abs(best.mismatch) <= within { return best }
    }
    return best
  }

  private func result(
    _ network: NetworkDescription, _ widths: [Int]
  ) throws(BudgetMatching.Failure) -> Result? {
    let candidate: NetworkDescription
    do {
      candidate = try network.setting(partWidths: widths)
    } catch {
      throw .settings(error)
    }
    guard let count = try count(candidate) else { return nil }
    return Result(
      network: candidate, count: count, mismatch: Double(count) / Double(target) - 1)
  }

  /// At most five widths, in rising order, from `width - reach` to `width + reach`.
  static func choices(around width: Int, by reach: Int) -> [Int] {
    let offsets = Set([-reach, -((reach + 1) / 2), 0, (reach + 1) / 2, reach])
    return offsets.sorted().map { width + $0 }.filter { $0 >= 1 }
  }

  /// One of each, in all ways; the first changes slowest.
  static func combinations(_ choices: [[Int]]) -> [[Int]] {
    choices.reduce([[]]) { prefixes, values in
      prefixes.flatMap { prefix in values.map { prefix + [$0] } }
    }
  }
}
