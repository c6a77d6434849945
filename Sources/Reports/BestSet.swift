// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics
import Tables

/// The rows that cannot be told from the best one, by Tukey's comparisons of all pairs.
///
/// Only rows of one budget that were tested on the same images are compared. A row that cannot be
/// compared, as for want of runs, may be the best: it stays in the set, and is told of.
struct BestSet: Sendable {
  /// Rows that are compared with each other.
  struct Group: Sendable {
    let rows: [ResultPoint]
    /// Those of them that may be the best.
    let best: [ResultPoint]
    /// Those that were not compared, as their runs are of other seeds than most rows'.
    let uncompared: [ResultPoint]
    /// nil where there is no row with a finished run.
    let analysis: ArmAnalysis?
  }

  let metric: String
  let groups: [Group]
  private let keys: Set<RowKey>

  /// - Throws: where no two rows can be compared.
  init(
    _ points: [ResultPoint], _ metric: String, _ cache: inout AnswerCache
  ) throws(ReportError) {
    self.metric = metric
    var groups: [[ResultPoint]] = []
    for point in points {
      let index = groups.firstIndex { group in
        Self.areAlike(group[0], point, &cache)
      }
      if let index { groups[index].append(point) } else { groups.append([point]) }
    }
    self.groups = groups.map { Self.group($0, metric, &cache) }
    keys = Set(self.groups.flatMap(\.best).map(RowKey.init))
    guard groups.contains(where: { $0.count > 1 }) else {
      throw ReportError(
        "--best has nothing to compare: no two rows have one budget and one test set")
    }
  }

  /// Whether a row may be the best of those that it is compared with.
  func mayBeBest(_ point: ResultPoint) -> Bool { keys.contains(RowKey(point)) }

  static func areAlike(
    _ one: ResultPoint, _ other: ResultPoint, _ cache: inout AnswerCache
  ) -> Bool {
    guard one.budget?.target == other.budget?.target,
      one.budget?.quantity == other.budget?.quantity
    else { return false }
    let (first, second) = (cache.testSet(of: one), cache.testSet(of: other))
    guard first.difference(from: second) == nil else { return false }
    if first.digest != nil, second.digest != nil { return true }
    // Files of old do not say what they are of: their settings do.
    return data(of: one) == data(of: other)
  }

  private static func data(of point: ResultPoint) -> [String: String] {
    let own = ["data.augmentation", "data.train", "data.validation", "data.bestPossible"]
    return point.settings.values.filter { path, _ in
      path.hasPrefix("data.") && !own.contains { path.hasPrefix($0) }
    }.mapValues(\.canonicalText)
  }

  private static func group(
    _ rows: [ResultPoint], _ metric: String, _ cache: inout AnswerCache
  ) -> Group {
    let seeds = rows.map { row in
      Set(row.finished.filter { $0.result(metric) != nil }.map(\.seed)).sorted()
    }
    let tested = seeds.filter { $0.count > 1 }
    let most = ComparisonFamily.mostCommon(tested.isEmpty ? seeds.filter { !$0.isEmpty } : tested)
    let members = rows.indices.filter { !most.isEmpty && seeds[$0] == most }
    guard members.count > 1,
      let analysis = ArmAnalysis(members.map { rows[$0] }, seeds: most, metric, &cache)
    else {
      return Group(rows: rows, best: rows, uncompared: rows.count > 1 ? rows : [], analysis: nil)
    }
    let told = ManyComparisons.allPairs(analysis.table, level: ComparisonFamily.level)
      .indistinguishableFromBest(higherIsBetter: !metric.hasSuffix("loss"))
    let best = Set(told.map { members[$0] })
    let others = rows.indices.filter { !members.contains($0) }
    return Group(
      rows: rows,
      best: rows.indices.filter { best.contains($0) || others.contains($0) }.map { rows[$0] },
      uncompared: others.map { rows[$0] }, analysis: analysis)
  }
}
