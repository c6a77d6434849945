// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics

/// What one row gains over its reference.
struct PairedDifference: Sendable {
  /// With the interval of this comparison alone.
  let estimate: Estimate
  /// The interval that holds together with those of the family's other rows; nil for one seed.
  let simultaneous: ClosedRange<Double>?
  /// The p value that is adjusted for them.
  let adjustedP: Double?
  /// Why it is of seeds alone; nil where it is of seeds and images.
  let absence: TestAnswers.Absence?

  /// Half the width of an interval around the estimate.
  static func half(_ interval: ClosedRange<Double>?) -> Double? {
    interval.map { ($0.upperBound - $0.lowerBound) / 2 }
  }
}

/// The rows that have one reference: a family, whose members share the error of 5 %.
///
/// Rows that have the same pairs as most are analysed together, by Dunnett; one with other pairs,
/// as where a run failed, by itself, by Bonferroni. Each row has its share of the error, so that
/// all intervals hold together with 95 %.
struct ComparisonFamily: Sendable {
  /// By the row's place in the list.
  private(set) var differences: [Int: PairedDifference] = [:]
  /// Rows with an interval.
  let comparisons: Int
  /// Those that are analysed together; nil where there are none.
  let shared: ArmAnalysis?

  static let level = 0.95

  init(
    _ rows: [ResultPoint], _ reference: ResultPoint, _ metric: String, _ cache: inout AnswerCache
  ) {
    let pairs = rows.map { Self.seeds(of: $0, reference, metric) }
    let tested = pairs.filter { $0.count > 1 }
    comparisons = tested.count
    let most = Self.mostCommon(tested.isEmpty ? pairs.filter { !$0.isEmpty } : tested)
    let members = rows.indices.filter { !pairs[$0].isEmpty && pairs[$0] == most }
    let error = 1 - Self.level
    shared = ArmAnalysis([reference] + members.map { rows[$0] }, seeds: most, metric, &cache)
    if let shared, !members.isEmpty {
      let share = Double(members.count) / Double(max(comparisons, 1))
      let together = ManyComparisons.withReference(
        0, shared.table, level: 1 - error * min(share, 1))
      for comparison in together.comparisons where comparison.first > 0 {
        differences[members[comparison.first - 1]] = PairedDifference(
          estimate: comparison.estimate, simultaneous: comparison.interval,
          adjustedP: comparison.pValue.map { min(1, $0 / share) }, absence: shared.absence)
      }
    }
    for index in rows.indices where !pairs[index].isEmpty && differences[index] == nil {
      guard let own = ArmAnalysis([reference, rows[index]], seeds: pairs[index], metric, &cache)
      else { continue }
      let estimate = own.table.estimate(.difference(1, 0, of: 2), pooling: .none)
      let count = Double(max(comparisons, 1))
      differences[index] = PairedDifference(
        estimate: estimate, simultaneous: estimate.interval(level: 1 - error / count),
        adjustedP: estimate.pValue.map { min(1, $0 * count) }, absence: own.absence)
    }
  }

  /// The seeds that finished, with the metric, in both.
  static func seeds(of row: ResultPoint, _ reference: ResultPoint, _ metric: String) -> [Int] {
    let known = Set(reference.finished.filter { $0.result(metric) != nil }.map(\.seed))
    return Set(row.finished.filter { $0.result(metric) != nil }.map(\.seed))
      .intersection(known).sorted()
  }

  /// Of several as common the one with more seeds, then the first.
  static func mostCommon(_ sets: [[Int]]) -> [Int] {
    let counts = Dictionary(grouping: sets, by: \.self).mapValues(\.count)
    let most = counts.values.max() ?? 0
    let candidates = sets.filter { counts[$0] == most }
    let longest = candidates.map(\.count).max() ?? 0
    return candidates.first { $0.count == longest } ?? []
  }
}
