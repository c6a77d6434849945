// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// The lines under a table: what it shows, of what, made by what.
extension ResultTable {
  /// One sentence or more a line, without markup.
  public var notes: [String] {
    let lines =
      [
        meaningOfIntervals, meaningOfChoice, meaningOfDifference, meaningOfFamily, meaningOfBest,
        meaningOfPower, meaningOfBestPossible, matching, records, fixed, heldBack, selection, seeds,
        gaps,
        failures, meaningOfTimes, machines,
      ] + damaged.map { "Left out: \($0.description)." }
    return lines.compactMap { $0 }
  }

  var meaningOfIntervals: String? {
    let shown = metrics.filter(isShown).map { Metric(key: $0).title }
    guard !shown.isEmpty else { return nil }
    return "\(NumberText.list(shown)): mean ± 95 % confidence interval over n seeds (Student's t); "
      + "— where one seed gives none."
  }

  var meaningOfBestPossible: String? {
    guard isShown("bestPossibleAccuracy") else { return nil }
    return "Best possible: the accuracy that no classifier of this data set can exceed, "
      + "± its Monte Carlo error."
  }

  private var matching: String? {
    if budgets == ["no budget"] {
      return points.count < 2 ? nil : "Nothing was matched: costs differ between rows."
    }
    if budgets.count > 1 {
      return "This table mixes budgets: \(budgets.joined(separator: "; ")). "
        + "Compare rows of one budget only."
    }
    let meaning = isShown("mismatch") ? "; mismatch is the distance from it" : ""
    return "Widths solved for \(budgets.joined())\(meaning)."
  }

  /// Whose budgets are shown, where nobody wrote down what was asked.
  private var records: String? {
    let ids = Set(points.flatMap(\.runs).map(\.id))
    let count = unrecorded.intersection(ids).count
    guard count > 0 else { return nil }
    let runs = count == ids.count ? "the runs" : "\(count) of \(ids.count) runs"
    return "The record of what was asked of \(runs) is missing (experiments/ beside runs/): they "
      + "stand under the budget that each run's file names, that of whoever asked for it first."
  }

  /// Of all settings those that a reader asks for first, the blocks', and whatever somebody said.
  private var fixed: String? {
    let usual = [
      "data.kind", "data.lambda", "network.network", "network.block.between", "training.epochs",
      "training.batch", "training.optimizer.kind", "training.optimizer.learningRate",
    ]
    let names = SettingNames(points)
    let shown = Set(readableColumns.compactMap(\.path))
    let told = usual + names.all.filter { !usual.contains($0) }
    let fixed = told.compactMap { path -> String? in
      guard !names.varying.contains(path), !shown.contains(path) else { return nil }
      let values = Set(points.compactMap { $0.settings[path] })
      guard values.count == 1, let value = values.first,
        usual.contains(path) || isSaid(path, value)
      else { return nil }
      let isEverywhere = points.allSatisfy { $0.settings[path] != nil }
      let title = names.title(of: path)
      let prefix = "network block "
      let short = title.hasPrefix(prefix) ? "block \(title.dropFirst(prefix.count))" : title
      return "\(short) = \(SettingNames.text(value, of: path))"
        + (isEverywhere ? "" : " (where rows have it)")
    }
    return fixed.isEmpty ? nil : "The same in all rows: \(NumberText.list(fixed))."
  }

  /// How many images of the training set nothing was trained on.
  private var heldBack: String? {
    let path = "data.validation"
    let counts = points.map { point -> Int in
      if case .integer(let count)? = point.settings[path] { return count }
      return 0
    }
    guard counts.contains(where: { $0 > 0 }) else { return nil }
    let images = Self.counts(counts.filter { $0 > 0 })
    return "Of the training set, \(images) images are held back for validation"
      + (counts.contains(0) ? " in some rows." : ".")
  }

  /// Whether a setting is one of the block's, or another one than if nobody had said it.
  private func isSaid(_ path: String, _ value: JSON) -> Bool {
    // What a file or a folder holds is told by digests.
    if case .string(let text) = value, text.count > 15, text.allSatisfy(\.isHexDigit) {
      return false
    }
    if path.hasPrefix("network.block.") { return value != .null }
    return points.contains { point in
      guard let known = query.defaults?(path, point.settings.values) else { return value != .null }
      return known.settingText != value.settingText
    }
  }

  /// What was left out by the one who asked.
  private var selection: String? {
    var sentences: [String] = []
    if !query.conditions.isEmpty {
      let texts = query.conditions.compactMap { try? Condition($0, source: "") }.map { condition in
        let unit = (try? sortable.column(condition.key))?.unitOfConditions
        return condition.text + (unit.map { " (\($0))" } ?? "")
      }
      sentences.append(
        "Only \(query.rowsAreRuns ? "runs" : "rows") with \(texts.joined(separator: " and ")).")
    }
    let names = SettingNames(points)
    let hidden = names.varying.filter { path in
      path != SettingNames.width && !readableColumns.contains { $0.path == path }
    }.map { names.name(of: $0) }
    if !hidden.isEmpty {
      sentences.append("Rows differ in columns that are not shown: \(NumberText.list(hidden)).")
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private var seeds: String {
    let all = points.map { Set($0.runs.map(\.seed)) }
    let union = Set(all.joined()).sorted().map(String.init)
    let same = all.allSatisfy { $0.count == union.count }
    let text = "\(union.count == 1 ? "Seed" : "Seeds") \(NumberText.list(union))"
    return same ? "\(text)." : "\(text), but not all of them in every row."
  }

  private var gaps: String? {
    let sentences = metrics.filter(isShown).compactMap { key -> String? in
      let missing = points.reduce(0) { $0 + $1.finished.count - $1.values(of: key).count }
      guard missing > 0 else { return nil }
      return "Finished runs without \(Metric(key: key).name): \(missing)."
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  /// Row by row, each reason once.
  private var failures: String? {
    let labels = RowLabels(points)
    var known: Set<String> = []
    let rows = points.compactMap { point -> String? in
      let failed = point.failed.filter { known.insert($0.id).inserted }
      guard !failed.isEmpty else { return nil }
      let reasons = failed.map { $0.failure ?? "" }
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      let texts = reasons.map { reason in
        let seeds = failed.filter { $0.failure == reason }.map { "\($0.seed)" }
        return "\(seeds.count == 1 ? "seed" : "seeds") \(NumberText.list(seeds)) failed: \(reason)"
      }
      return "\(labels.words(for: point)): \(texts.joined(separator: "; "))"
    }
    return rows.isEmpty ? nil : "Failures: \(rows.joined(separator: ". "))."
  }

  private var machines: String {
    let runs = points.flatMap(\.runs).map(\.provenance)
    // The + of a changed checkout stays.
    let commits = Set(runs.map { "\($0.commit.prefix(12))\($0.commit.hasSuffix("+") ? "+" : "")" })
      .sorted()
    let machines = Set(
      runs.map {
        "\($0.processor), \($0.blasKernels) kernels, "
          + "\($0.threads) \($0.threads == 1 ? "thread" : "threads")"
      })
    return "\(commits.count == 1 ? "Commit" : "Commits") \(NumberText.list(commits)); "
      + "\(machines.sorted().joined(separator: "; "))."
  }

  /// Whether people see a column.
  func isShown(_ key: String) -> Bool { readableColumns.contains { $0.key == key } }
}
