// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings
import Statistics
import Tables

/// What several rows together say: slopes, where they turn, and how two settings act on each other.
public struct EffectTable: Sendable {
  /// What is asked.
  public enum Question: Sendable {
    /// The least-squares slope over a setting; `segmentWidth` and widths by doublings.
    case slope(String)
    /// What one setting does at one value of another, less what it does at the other value.
    case interaction(String, String)
  }

  /// One number with its uncertainty.
  struct Effect: Sendable {
    let name: String
    let rows: Int
    let seeds: Int
    let estimate: Estimate
    let absence: TestAnswers.Absence?
  }

  /// Where an effect changes its sign.
  struct Flip: Sendable {
    let name: String
    let point: FlipPoint
    let absence: TestAnswers.Absence?
    /// What was tried.
    let tried: ClosedRange<Double>
    let isOfDoublings: Bool
  }

  let metric: Metric
  let question: Question
  private(set) var effects: [Effect] = []
  private(set) var flips: [Flip] = []
  var leftOut: [String] = []
  /// `a doubling of the segment width`; empty for an interaction.
  let unit: String

  /// - Parameters:
  ///   - table: its rows, and the first of its metrics.
  /// - Throws: where there is no such setting, or too few rows for the effect.
  public init(_ table: ResultTable, _ question: Question) throws(ReportError) {
    metric = Metric(key: table.metric)
    self.question = question
    switch question {
    case .slope(let name):
      let list = ColumnList(table.points, metrics: [], comparison: nil)
      let setting = name == "segmentWidth" ? name : try list.path(name)
      let words = SettingNames.words(name)
      unit = EffectLine.isOfDoublings(setting) ? "a doubling of the \(words)" : "1 of \(words)"
      try addSlopes(table.points, setting)
    case .interaction(let first, let second):
      unit = ""
      try addInteractions(table.points, first, second)
    }
  }

  // MARK: Slopes

  private mutating func addSlopes(
    _ points: [ResultPoint], _ setting: String
  ) throws(ReportError) {
    let lines = EffectLine.lines(of: points, over: setting)
    guard !lines.isEmpty else {
      throw ReportError(
        "--slope \(setting) needs rows that differ in it and in nothing else; the rows are: "
          + RowPairing.list(points))
    }
    var cache = AnswerCache()
    let isOfDoublings = EffectLine.isOfDoublings(setting)
    for group in Self.groups(lines, &cache) {
      guard let (analysis, members) = analysis(of: group.flatMap(\.points), &cache) else {
        continue
      }
      let placed = group.map { line in Self.positions(line, members) }
      for (line, own) in zip(group, placed) {
        guard let slope = try? Contrast.slope(over: own) else { continue }
        add(line.name, own.count { $0 != nil }, analysis, slope)
      }
      for (first, second) in Self.pairs(group.indices) {
        let name = "\(group[second].name) against \(group[first].name)"
        guard let one = try? Contrast.slope(over: placed[first]),
          let other = try? Contrast.slope(over: placed[second]),
          let flip = try? FlipPoint.crossing(analysis.table, placed[second], placed[first])
        else { continue }
        let rows = (placed[first] + placed[second]).count { $0 != nil }
        add("slope of \(name)", rows, analysis, other - one)
        let tried = (group[first].positions + group[second].positions)
        flips.append(
          Flip(
            name: "\(name) changes its sign", point: flip, absence: analysis.absence,
            tried: (tried.min() ?? 0)...(tried.max() ?? 0), isOfDoublings: isOfDoublings))
      }
    }
    addTurn(lines, &cache)
  }

  /// Lines that one budget and one test set make comparable.
  private static func groups(
    _ lines: [EffectLine], _ cache: inout AnswerCache
  ) -> [[EffectLine]] {
    var groups: [[EffectLine]] = []
    for line in lines {
      let index = groups.firstIndex { group in
        BestSet.areAlike(group[0].points[0], line.points[0], &cache)
      }
      if let index { groups[index].append(line) } else { groups.append([line]) }
    }
    return groups
  }

  private static func pairs(_ indices: Range<Int>) -> [(Int, Int)] {
    indices.flatMap { first in (first + 1..<max(first + 1, indices.upperBound)).map { (first, $0) }
    }
  }

  private static func positions(_ line: EffectLine, _ members: [ResultPoint]) -> [Double?] {
    members.map { member in
      line.points.firstIndex { RowKey($0) == RowKey(member) }.map { line.positions[$0] }
    }
  }

  /// The level of a number at which the slope changes its sign. Lines of other images are taken by
  /// seeds alone.
  private mutating func addTurn(_ lines: [EffectLine], _ cache: inout AnswerCache) {
    let levels = lines.compactMap(\.level)
    guard levels.count == lines.count, Set(levels).count > 1,
      let (analysis, members) = analysis(
        of: lines.flatMap(\.points), &cache,
        isOfOneTest: Self.groups(lines, &cache).count == 1),
      let flip = try? FlipPoint.ofSlopes(
        analysis.table, levels: levels, positions: lines.map { Self.positions($0, members) })
    else { return }
    let name = lines[0].name.components(separatedBy: " = ")[0]
    flips.append(
      Flip(
        name: "the slope changes its sign, over \(name)", point: flip, absence: analysis.absence,
        tried: (levels.min() ?? 0)...(levels.max() ?? 0), isOfDoublings: false))
  }

  // MARK: Analysis

  /// The rows that have the seeds of most; the others are told of.
  mutating func analysis(
    of points: [ResultPoint], _ cache: inout AnswerCache, isOfOneTest: Bool = true
  ) -> (ArmAnalysis, [ResultPoint])? {
    let seeds = points.map { point in
      Set(point.finished.filter { $0.result(metric.key) != nil }.map(\.seed)).sorted()
    }
    let most = ComparisonFamily.mostCommon(seeds.filter { !$0.isEmpty })
    let members = points.indices.filter { !most.isEmpty && seeds[$0] == most }
    let labels = RowLabels(points)
    for index in points.indices where !members.contains(index) {
      let label = labels.labelWithBudget(of: points[index])
      if !leftOut.contains(label) { leftOut.append(label) }
    }
    let rows = members.map { points[$0] }
    guard !rows.isEmpty,
      let analysis = ArmAnalysis(
        rows, seeds: most, metric.key, &cache, isOfOneTest: isOfOneTest)
    else { return nil }
    return (analysis, rows)
  }

  mutating func add(
    _ name: String, _ rows: Int, _ analysis: ArmAnalysis, _ contrast: Contrast
  ) {
    effects.append(
      Effect(
        name: name.isEmpty ? "all rows" : name, rows: rows, seeds: analysis.seeds.count,
        estimate: analysis.table.estimate(contrast), absence: analysis.absence))
  }
}
