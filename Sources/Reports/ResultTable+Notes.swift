import Records
import Tables

/// The lines under a table: what it shows, of what, made by what.
extension ResultTable {
  /// One sentence or more a line, without markup.
  public var notes: [String] {
    let lines = [
      meaningOfInterval, meaningOfDifference, meaningOfBestPossible, matching, fixed, seeds,
      mixture, failures,
      machines,
    ]
    return lines.compactMap { $0 }
  }

  private var meaningOfInterval: String {
    let metric = Metric(key: metric)
    return "\(metric.title): mean ± 95 % confidence interval over n seeds (Student's t); "
      + "— where one seed gives none."
  }

  private var meaningOfDifference: String? {
    against.map {
      "minus \($0): the differences seed by seed (the runs of a seed share data, order and head), "
        + "their mean ± 95 % confidence interval; an interval without 0 in it is a difference."
    }
  }

  private var meaningOfBestPossible: String? {
    guard points.contains(where: { $0.fact("bestPossibleAccuracy") != nil }) else { return nil }
    return "Best possible: the accuracy that no classifier of this data set can exceed, "
      + "± its Monte Carlo error."
  }

  private var matching: String {
    if budgets == ["no budget"] { return "Nothing was matched: costs differ between rows." }
    if budgets.count > 1 {
      return "This table mixes budgets: \(budgets.joined(separator: "; ")). "
        + "Compare rows of one budget only."
    }
    return "Widths solved for \(budgets.joined()); mismatch is the distance from it."
  }

  private var fixed: String? {
    let fixed = fixedLabels.map { "\(NumberText.label($0.name)) = \($0.value)" }
    return fixed.isEmpty ? nil : "The same in all rows: \(NumberText.list(fixed))."
  }

  private var seeds: String {
    let all = points.map { Set($0.runs.map(\.seed)) }
    let union = Set(all.joined()).sorted().map(String.init)
    let same = all.allSatisfy { $0.count == union.count }
    let text = "\(union.count == 1 ? "Seed" : "Seeds") \(NumberText.list(union))"
    return same ? "\(text)." : "\(text), but not all of them in every row."
  }

  private var mixture: String? {
    var sentences: [String] = []
    if experiments.count > 1 {
      sentences.append("This table mixes experiments: \(NumberText.list(experiments)).")
    }
    let alike = Dictionary(grouping: points) { [$0.experiment] + $0.labels.map(\.value) }
    let paths = alike.values.filter { $0.count > 1 }
      .flatMap { RunSettings.differences($0.map(\.settings)) }
    if !paths.isEmpty {
      sentences.append(
        "Rows of the same name differ in: \(NumberText.list(Set(paths).sorted())).")
    }
    let missing = points.reduce(0) { $0 + $1.finished.count - $1.values(of: metric).count }
    if missing > 0 { sentences.append("Finished runs without this metric: \(missing).") }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private var failures: String? {
    let failed = points.flatMap(\.failed)
    guard !failed.isEmpty else { return nil }
    let reasons = failed.map { run -> String in
      guard case .failed(let reason) = run.status else { return run.id }
      return "\(run.id) (seed \(run.seed)): \(reason)"
    }
    return "Failed: \(reasons.joined(separator: "; "))."
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
}
