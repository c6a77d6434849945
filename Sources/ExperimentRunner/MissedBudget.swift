// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Points that cost so much more or less than their budget that a comparison with others says little:
/// a network that is too dear at width 1, or too cheap at its widest.
enum MissedBudget {
  /// The largest mismatch that nothing is said of, as a fraction.
  static let bound = 0.25
  /// So many points are named.
  static let named = 3

  /// One sentence on the points that are further from their budget; nil where none is.
  static func note(of runs: [PlannedRun]) -> String? {
    var isSaid: Set<String> = []
    let all = runs.flatMap { run in
      [(run.point.isEmpty ? run.network.key : run.point, run.budget)]
        + run.twins.map { ($0.point, $0.budget) }
    }
    let points = all.filter { point, budget in
      abs(budget?.mismatch ?? 0) > bound && isSaid.insert(point).inserted
    }
    guard !points.isEmpty else { return nil }
    var texts = points.prefix(named).map { "\($0) (\(percent($1?.mismatch ?? 0)))" }
    if points.count > named { texts.append("\(points.count - named) more") }
    let (who, whom) =
      points.count == 1 ? ("1 point misses", "it") : ("\(points.count) points miss", "them")
    return "\(who) the budget by more than \(Int(100 * bound)) %: "
      + "\(texts.joined(separator: "; ")). budget.within=\(bound) would refuse \(whom)"
  }

  /// As tables write it: `+821.94 %`, `−30.00 %`.
  private static func percent(_ fraction: Double) -> String {
    String(format: "%+.2f %%", 100 * fraction).replacing("-", with: "−")
  }
}
