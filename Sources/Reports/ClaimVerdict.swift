// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Statistics
import Tables

/// What finished runs say of a claim of the paper.
public struct ClaimVerdict: Sendable {
  public enum Verdict: String, Sendable {
    /// The whole interval lies where the paper has the effect.
    case confirmed
    /// The whole interval lies where the paper does not have it.
    case contradicted
    /// It lies on both sides, or one seed gives none.
    case undecided
    case noRuns = "no runs yet"
  }

  /// The effect with its interval.
  struct Finding: Sendable {
    let estimate: Estimate
    let interval: ClosedRange<Double>?
    let rows: Int
    let seeds: Int
    /// Why it is of seeds alone; nil where it is of seeds and images.
    let absence: TestAnswers.Absence?
  }

  public let claim: ExperimentClaim
  public let verdict: Verdict
  let finding: Finding?
  /// Why there is no effect; nil where there is one.
  let reason: String?

  /// - Parameters:
  ///   - runs: of the claim's experiment; nil where there are none.
  ///   - claims: how many claims share the error of 5 %, so that all verdicts hold together
  ///     (Bonferroni).
  init(_ claim: ExperimentClaim, _ runs: RunCollection?, of claims: Int) {
    self.claim = claim
    do throws(ReportError) {
      guard let runs else { throw ReportError("there are no results of \(claim.experiment)") }
      let finding = try ClaimContrast(claim, runs).finding(level: 1 - 0.05 / Double(claims))
      self.finding = finding
      verdict = Self.verdict(finding.interval, claim.expectation)
      reason = nil
    } catch {
      (finding, verdict, reason) = (nil, .noRuns, error.description)
    }
  }

  static func verdict(
    _ interval: ClosedRange<Double>?, _ expectation: ExperimentClaim.Expectation
  ) -> Verdict {
    guard let interval else { return .undecided }
    let range: ClosedRange<Double> =
      switch expectation {
      // Of an effect of exactly 0 with no spread nothing is confirmed.
      case .positive: Double.leastNonzeroMagnitude ... .infinity
      case .within(let margin): -margin...margin
      }
    if range.contains(interval.lowerBound), range.contains(interval.upperBound) {
      return .confirmed
    }
    return range.overlaps(interval) ? .undecided : .contradicted
  }
}

/// The rows of a claim's two sides, and the contrast between them.
struct ClaimContrast {
  private let claim: ExperimentClaim
  /// Of both sides, all rows.
  private let rows: [ResultPoint]
  private let contrast: Contrast

  /// - Throws: where there are no such rows, or one has several partners.
  init(_ claim: ExperimentClaim, _ runs: RunCollection) throws(ReportError) {
    self.claim = claim
    var query = ResultQuery()
    query.metrics = [claim.metric]
    query.conditions = claim.conditions
    query.against = "none"
    let record = runs.experiments.last { $0.name == claim.experiment }
    let view = record.map(ResultView.experiment) ?? .all
    let points = try ResultTable(runs, view: view, query: query).points.filter { point in
      claim.budget == nil || point.budget?.quantity == claim.budget
    }
    guard !points.isEmpty else {
      throw ReportError("no row is matched by \(claim.budget ?? "a budget")")
    }
    let pairs = try Self.pairs(points, claim.first, claim.second)
    rows = pairs.map(\.first) + pairs.map(\.second)
    switch claim.effect {
    case .difference:
      let share = 1 / Double(pairs.count)
      contrast = Contrast(pairs.map { _ in share } + pairs.map { _ in -share })
    case .slopeOverSegmentWidth:
      contrast = try Self.slopes(pairs)
    }
  }

  private typealias Pair = (first: ResultPoint, second: ResultPoint)

  /// Rows of the two sides that differ in nothing but what the conditions name, widths and learning
  /// rates, which each arm has of its own.
  private static func pairs(
    _ points: [ResultPoint], _ first: [String], _ second: [String]
  ) throws(ReportError) -> [Pair] {
    let conditions = try (first + second).map { (text) throws(ReportError) in
      try Condition(text, source: "a claim")
    }
    let sides = try [conditions.prefix(first.count), conditions.suffix(second.count)].map {
      (side) throws(ReportError) in
      try Condition.filter(points, by: Array(side), metrics: [])
    }
    let shared = shared(points, but: conditions.map(\.key))
    func cells(_ points: [ResultPoint]) -> [[String]: [ResultPoint]] {
      Dictionary(grouping: points) { point in
        shared.map { point.settings[$0]?.settingText ?? "none" }
          + [point.budget.map(ColumnList.text) ?? ""]
      }
    }
    let (firsts, seconds) = (cells(sides[0]), cells(sides[1]))
    let keys = Set(firsts.keys).intersection(seconds.keys)
      .sorted { $0.lexicographicallyPrecedes($1) }
    guard !keys.isEmpty else {
      throw ReportError("no two rows differ in nothing but what the claim is about")
    }
    return try keys.map { (key) throws(ReportError) -> Pair in
      let (one, other) = (firsts[key] ?? [], seconds[key] ?? [])
      guard one.count == 1, other.count == 1 else {
        throw ReportError("a row has several partners: \(RowPairing.list(one + other))")
      }
      return (one[0], other[0])
    }
  }

  /// The settings in which a row and its partner are equal: all that differ, but for some and what
  /// hangs on them, widths and learning rates.
  private static func shared(_ points: [ResultPoint], but keys: [String]) -> [String] {
    let list = ColumnList(points, metrics: [], comparison: nil)
    let named = ["training.optimizer.learningRate"] + keys.compactMap { try? list.path($0) }
    let names = SettingNames(points)
    return names.varying.filter { path in
      // Of segments and their width, which say the same, the width says it.
      let isSaid =
        path == SettingNames.segments
        && names.varying.contains { $0 != path && SettingNames.follows(path, from: $0) }
      return !isSaid && !SettingNames.isOfWidth(path) && !names.fromBudgets.contains(path)
        && !named.contains { SettingNames.isPart(path, of: $0) }
    }
  }

  /// The slope of the first rows less that of the second ones.
  private static func slopes(_ pairs: [Pair]) throws(ReportError) -> Contrast {
    func positions(_ isFirst: Bool) -> [Double?] {
      [true, false].flatMap { side in
        pairs.map { pair -> Double? in
          let width = EffectLine.segmentWidth(of: side ? pair.first : pair.second)
          return side == isFirst ? width.map { log2($0) } : nil
        }
      }
    }
    guard let one = try? Contrast.slope(over: positions(true)),
      let other = try? Contrast.slope(over: positions(false))
    else { throw ReportError("there are not two segment widths with a row of either side") }
    return one - other
  }

  /// The effect over the seeds that all rows have.
  ///
  /// - Throws: where no seed has finished in all of them.
  func finding(level: Double) throws(ReportError) -> ClaimVerdict.Finding {
    let seeds = rows.dropFirst().reduce(Self.seeds(of: rows[0], claim.metric)) {
      $0.intersection(Self.seeds(of: $1, claim.metric))
    }.sorted()
    var cache = AnswerCache()
    let test = cache.testSet(of: rows[0])
    let isOfOneTest = rows.allSatisfy { test.difference(from: cache.testSet(of: $0)) == nil }
    guard !seeds.isEmpty,
      let analysis = ArmAnalysis(
        rows, seeds: seeds, claim.metric, &cache, isOfOneTest: isOfOneTest)
    else { throw ReportError("no seed has finished in all of its \(rows.count) rows") }
    let estimate = analysis.table.estimate(contrast)
    return ClaimVerdict.Finding(
      estimate: estimate, interval: estimate.interval(level: level), rows: rows.count,
      seeds: seeds.count, absence: analysis.absence)
  }

  private static func seeds(of row: ResultPoint, _ metric: String) -> Set<Int> {
    Set(row.finished.filter { $0.result(metric) != nil }.map(\.seed))
  }
}
