// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// The search for a step of the width, on counts that are made by building graphs.
struct WidthSearch {
  let network: NetworkDescription
  let axis: WidthAxis
  let count: NetworkCount

  private var widths: ClosedRange<Int> { axis.steps }

  /// The valid step whose count is closest to the target, or nil where no width is valid.
  func closest(to target: Int) throws(BudgetMatching.Failure) -> Int? {
    guard var low = try firstValid(in: widths) else { return nil }
    if low.count >= target { return low.width }
    while true {
      let doubled = min(low.width * 2, widths.upperBound)
      guard doubled > low.width else { return low.width }
      guard let next = try firstValid(in: doubled...widths.upperBound) else {
        return try closest(to: target, from: low, upTo: nil)
      }
      if next.count >= target { return try closest(to: target, from: low, upTo: next) }
      low = next
    }
  }

  /// Bisects between a width that costs less than the target and one that does not; without the
  /// latter, climbs to the widest valid width.
  private func closest(
    to target: Int, from start: Candidate, upTo end: Candidate?
  ) throws(BudgetMatching.Failure) -> Int {
    var low = start
    var high = end
    var limit = end?.width ?? widths.upperBound + 1
    while limit - low.width > 1 {
      let middle = low.width + (limit - low.width) / 2
      // Above the middle first; what lies between it and the first valid width is thereby done.
      if let candidate = try firstValid(in: middle...limit - 1) {
        if candidate.count < target {
          low = candidate
        } else {
          high = candidate
          limit = middle
        }
      } else {
        limit = middle
      }
    }
    guard let high else { return low.width }
    // Without overflow: low.count < target ≤ high.count.
    return high.count - target < target - low.count ? high.width : low.width
  }

  private struct Candidate {
    var width: Int
    var count: Int
  }

  private func firstValid(
    in range: ClosedRange<Int>
  ) throws(BudgetMatching.Failure) -> Candidate? {
    for width in range {
      if let count = try count(network(at: width)) { return Candidate(width: width, count: count) }
    }
    return nil
  }

  /// The network at a step.
  func network(at step: Int) throws(BudgetMatching.Failure) -> NetworkDescription {
    do {
      return try network.setting(axis.name, to: axis.value(at: step))
    } catch {
      throw .settings(error)
    }
  }
}
