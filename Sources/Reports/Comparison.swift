// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// What rows gain over reference rows, seed by seed.
///
/// The runs of one seed share data, order, augmentation and the first head, so that the difference
/// of two runs says more than the difference of two means.
struct Comparison: Sendable {
  /// What a row and its reference have in common.
  struct Pairs {
    /// Over the seeds that both have; nil where there are none.
    var difference: SampleStatistics?
    /// Seeds of both of which a run failed.
    var lost: Int
  }

  /// As it was asked for: `segmented-inception, segments=4`.
  let name: String
  /// Whether an experiment named it, and not the one who asked for the table.
  let isPlanned: Bool
  /// The rows that are tested on other images than their reference, and why that is known.
  let unlike: [(row: ResultPoint, reason: String)]
  /// By metric, then one for each reference.
  let families: [String: [ComparisonFamily]]
  private let pairing: RowPairing
  /// The settings in which some row differs from its reference, in the order of columns.
  let differing: [String]
  /// By metric and the row's place.
  private let differences: [String: [RowKey: PairedDifference]]

  /// - Parameters:
  ///   - text: a block's key, `key=value` conditions, or both, with commas between.
  ///   - source: the option or key that said it; the key `reference` is an experiment's.
  ///   - free: settings in which a row and its reference may differ, as each chose its own.
  /// - Throws: where nothing matches, a row has several references, or nothing can be compared.
  init(
    _ text: String, _ points: [ResultPoint], metrics: [String], free: Set<String>,
    source: String = "--against", _ cache: inout AnswerCache
  ) throws(ReportError) {
    var pairing = try RowPairing(text, points, free: free, source: source)
    (name, isPlanned) = (pairing.description.text, source != "--against")
    var unlike: [(row: ResultPoint, reason: String)] = []
    for point in points {
      guard let reference = pairing[point] else { continue }
      let set = cache.testSet(of: point)
      guard let reason = set.difference(from: cache.testSet(of: reference)) else { continue }
      unlike.append((point, reason))
      pairing.part(point)
    }
    (self.unlike, self.pairing) = (unlike, pairing)
    differing = pairing.differing(points)
    let isComparable = points.contains { point in
      guard let reference = pairing[point] else { return false }
      return metrics.contains { Self.pairs(of: point, reference, $0).difference != nil }
    }
    guard isComparable else {
      let lost = points.reduce(0) { sum, point in
        sum + (pairing[point].map { Self.pairs(of: point, $0, metrics[0]).lost } ?? 0)
      }
      guard lost == 0 else {
        throw ReportError(
          "\(source) \"\(text)\" leaves nothing to compare: \(lost) "
            + "\(lost == 1 ? "pair was" : "pairs were") lost to failed runs; "
            + "`continuum run` with --again FAILED makes failed runs again")
      }
      let reason =
        unlike.first.map { first in
          "rows were tested on other images than their reference (\(first.reason))"
        } ?? "no other row has its settings, its budget and a seed that finished in both"
      throw ReportError(
        "\(source) \"\(text)\" leaves nothing to compare: \(reason); "
          + "the rows are: \(RowPairing.list(points))")
    }
    var families: [String: [ComparisonFamily]] = [:]
    var differences: [String: [RowKey: PairedDifference]] = [:]
    for metric in metrics {
      for reference in pairing.references {
        let rows = points.filter { pairing[$0].map(RowKey.init) == RowKey(reference) }
        let family = ComparisonFamily(rows, reference, metric, &cache)
        families[metric, default: []].append(family)
        for (index, difference) in family.differences {
          differences[metric, default: [:]][RowKey(rows[index])] = difference
        }
      }
    }
    (self.families, self.differences) = (families, differences)
  }

  /// What a row gains; nil for a reference itself and where a row has no pairs.
  func difference(of point: ResultPoint, _ metric: String) -> PairedDifference? {
    differences[metric]?[RowKey(point)]
  }

  /// What a run gains over the reference's run of its seed; nil where there is no such pair.
  func difference(of run: RunRecord, in point: ResultPoint, _ metric: String) -> Double? {
    guard run.failure == nil, let value = run.result(metric),
      let other = pairing[point]?.finished.first(where: { $0.seed == run.seed })?.result(metric)
    else { return nil }
    return value - other
  }

  /// A row's pairs with its reference; nil for a reference itself and where a row has none.
  func pairs(of point: ResultPoint, _ metric: String) -> Pairs? {
    pairing[point].map { Self.pairs(of: point, $0, metric) }
  }

  private static func pairs(
    of point: ResultPoint, _ reference: ResultPoint, _ metric: String
  ) -> Pairs {
    let known = Dictionary(
      reference.finished.compactMap { run in run.result(metric).map { (run.seed, $0) } }
    ) { $1 }
    let differences = point.finished.compactMap { run -> Double? in
      guard let value = run.result(metric), let other = known[run.seed] else { return nil }
      return value - other
    }
    let common = Set(point.runs.map(\.seed)).intersection(reference.runs.map(\.seed))
    let failed = Set((point.failed + reference.failed).map(\.seed))
    return Pairs(
      difference: SampleStatistics(differences), lost: common.intersection(failed).count)
  }

  /// The rows that are compared but have no reference.
  func alone(_ points: [ResultPoint]) -> Int {
    points.count { point in
      !pairing.description.matches(point) && pairing[point] == nil
        && !unlike.contains { RowKey($0.row) == RowKey(point) }
    }
  }
}
