// SPDX-License-Identifier: Apache-2.0

import Records
import Tables

/// What columns mean that not every table has.
extension ResultTable {
  var meaningOfDifference: String? {
    let shown = readableColumns.compactMap(\.minuend)
    guard let comparison, let metric = shown.first else {
      return withoutReference.map { "Without differences: \($0)." }
    }
    let names = SettingNames(points)
    let unlike = comparison.differing.map(names.title(of:))
    let equal =
      unlike.isEmpty
      ? "equal settings and equal budget"
      : "equal budget and, but for \(NumberText.list(unlike)), equal settings"
    let named = comparison.isPlanned ? ", named in the experiment" : ""
    var text =
      "minus \(comparison.name) (the reference\(named)): the differences seed by seed"
      + "\(shared(comparison)), their mean ± 95 % confidence interval "
      + "\(over(comparison, metric)), each for one comparison alone. Pairs are of \(equal)."
    let pairs = points.compactMap { comparison.pairs(of: $0, metric) }
    let lost = pairs.reduce(0) { $0 + $1.lost }
    if lost > 0 {
      text += " Lost to failed runs: \(lost) \(lost == 1 ? "pair" : "pairs")."
    }
    text += lacking(comparison, metric)
    let alone = comparison.alone(points)
    if alone > 0 {
      text += " Without a row to compare with: \(alone) \(alone == 1 ? "row" : "rows")."
    }
    if !comparison.unlike.isEmpty {
      let labels = RowLabels(points)
      let rows = comparison.unlike.map { "\(labels.labelWithBudget(of: $0.row)) (\($0.reason))" }
      text +=
        " Not paired, as tested on other images than the reference: "
        + "\(rows.joined(separator: "; "))."
    }
    return text
  }

  /// What the two runs of every pair have in common beside their seed.
  private func shared(_ comparison: Comparison) -> String {
    let differing = comparison.differing
    let hasOtherData = differing.contains { $0.hasPrefix("data.") }
    let hasOtherBatches = differing.contains("training.batch")
    let hasOtherHead = differing.contains {
      $0.hasPrefix("network.") && !$0.hasPrefix("network.block.") || $0 == "training.initializer"
    }
    let things =
      (hasOtherData ? [] : ["data"]) + (hasOtherBatches ? [] : ["order"])
      + (hasOtherHead ? [] : ["head"])
    guard let last = things.last else { return "" }
    let rest = things.dropLast()
    let list = rest.isEmpty ? last : "\(NumberText.list(rest)) and \(last)"
    return " (the runs of a seed share \(list))"
  }

  /// What the intervals of differences are over.
  private func over(_ comparison: Comparison, _ metric: String) -> String {
    let known = points.compactMap { comparison.difference(of: $0, metric) }
    let absences = Set(known.compactMap(\.absence))
    let images = (comparison.families[metric] ?? []).compactMap(\.shared)
      .filter { $0.absence == nil }.map(\.table.images)
    let effects = "over seeds and \(Self.counts(images)) test images (two-way random effects)"
    guard !absences.isEmpty else { return effects }
    let reasons = absences.map(\.words).sorted().joined(separator: "; ")
    let alone =
      "over seeds alone (\(reasons)), so that it says nothing of other test images"
    return known.contains { $0.absence == nil }
      ? "\(effects), or in some rows \(alone)" : alone
  }

  /// `2,048`, or `2,048 or 10,000`.
  static func counts(_ numbers: [Int]) -> String {
    Set(numbers).sorted().map(NumberText.grouped).joined(separator: " or ")
  }

  /// Which rows have fewer pairs than runs, and which have none.
  private func lacking(_ comparison: Comparison, _ metric: String) -> String {
    let labels = RowLabels(points)
    var fewer: [String] = []
    var none: [String] = []
    for point in points {
      guard let pairs = comparison.pairs(of: point, metric) else { continue }
      let count = pairs.difference?.count ?? 0
      if count == 0 {
        none.append(labels.labelWithBudget(of: point))
      } else if count < point.finished.count {
        fewer.append("\(labels.labelWithBudget(of: point)): \(count) of \(point.finished.count)")
      }
    }
    let first = fewer.isEmpty ? "" : " Fewer pairs than n: \(fewer.joined(separator: "; "))."
    guard !none.isEmpty else { return first }
    return first + " — for want of a seed that finished in the row and in its reference: "
      + "\(none.joined(separator: "; "))."
  }

  /// What was chosen, from how many, and whether better values may lie outside.
  var meaningOfChoice: String? {
    guard let choice else { return nil }
    let names = SettingNames(points)
    let over = choice.over.map { names.title(of: $0) }
    let metric = Metric(key: choice.metric)
    let best = choice.metric.hasSuffix("loss") ? "least" : "greatest"
    let counts = Set(points.compactMap { $0.chosen?.tried }).sorted().map(String.init)
    let tried = counts.count < 2 ? counts.joined() : "\(counts[0]) to \(counts[counts.count - 1])"
    let labels = RowLabels(points)
    let failed = points.compactMap { point -> String? in
      guard let chosen = point.chosen, chosen.failed > 0 else { return nil }
      return "\(labels.labelWithBudget(of: point)): tried \(chosen.tried), of which "
        + "\(chosen.failed) failed"
    }
    var sentences = [
      "Chosen by the \(best) mean of \(metric.name) over seeds, for every arm by itself: "
        + "\(over.joined(separator: ", ")); values tried: \(tried)."
    ]
    if !failed.isEmpty {
      sentences.append(
        "Values with a failed run could not win: \(failed.joined(separator: "; ")).")
    }
    if metric.key.hasPrefix("test/") {
      sentences.append(
        "This choice looked at the test itself, so that its results are too good; "
          + "choose by validation.")
    }
    sentences += ends
    if !choice.uneven.isEmpty {
      sentences.append(
        "Chosen among means over different seeds, so that it may be one of seeds: "
          + "\(choice.uneven.joined(separator: "; ")).")
    }
    if !choice.lost.isEmpty {
      sentences.append(
        "Without a choice, as every value has a failed run or no such metric: "
          + "\(choice.lost.joined(separator: "; ")).")
    }
    return sentences.joined(separator: " ")
  }

  private var ends: [String] {
    let labels = RowLabels(points)
    let rows = points.filter { $0.chosen?.isAtEnd ?? false }.map { point in
      "\(labels.labelWithBudget(of: point)) (\(point.chosen?.endText ?? ""))"
    }
    if !rows.isEmpty {
      return [
        "At an end of its grid, beyond which a better value may lie: "
          + "\(rows.joined(separator: "; "))."
      ]
    }
    let hasGrid = points.contains { point in
      choice?.over.contains { point.settings[$0]?.asNumber != nil } ?? false
    }
    return hasGrid && points.allSatisfy { $0.chosen?.ends.isEmpty ?? true }
      ? ["No chosen value lies at an end of its grid."] : []
  }

  /// Whether times are those of a machine that was a run's own.
  var meaningOfTimes: String? {
    guard isShown("millisecondsPerStep") else { return nil }
    let shared = points.flatMap { point in point.finished.map(point.sharedMachine(with:)) }
    var sentences = ["ms/step: the median over seeds of a training step's mean time."]
    if shared.contains(true) {
      sentences.append("* Other runs shared the machine, or one of its kind at the same time.")
    }
    if shared.contains(nil) {
      sentences.append(
        "Whether other runs shared the machine is unknown of runs of before 2026-12.")
    }
    return sentences.joined(separator: " ")
  }
}
