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
        meaningOfPower, meaningOfBestPossible, matching, fixed, selection, seeds, gaps, failures,
        meaningOfTimes, machines,
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

  /// Of all settings those that a reader asks for first.
  private var fixed: String? {
    let usual = [
      "data.kind", "data.lambda", "network.network", "network.block.between", "training.epochs",
      "training.batch", "training.optimizer.kind", "training.optimizer.learningRate",
    ]
    let names = SettingNames(points)
    let shown = Set(readableColumns.map(\.title))
    let fixed = usual.filter { !names.varying.contains($0) }.compactMap { path -> String? in
      let values = Set(points.compactMap { $0.settings[path] })
      guard values.count == 1, let value = values.first, !shown.contains(names.title(of: path))
      else { return nil }
      return "\(names.title(of: path)) = \(value.settingText)"
    }
    return fixed.isEmpty ? nil : "The same in all rows: \(NumberText.list(fixed))."
  }

  /// What was left out by the one who asked.
  private var selection: String? {
    var sentences: [String] = []
    if !query.conditions.isEmpty {
      let texts = query.conditions.compactMap { try? Condition($0, source: "").text }
      sentences.append("Only rows with \(texts.joined(separator: " and ")).")
    }
    let names = SettingNames(points)
    let hidden = names.varying.filter { $0 != SettingNames.width }.map { names.name(of: $0) }
      .filter { name in !readableColumns.contains { $0.key == name } }
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
