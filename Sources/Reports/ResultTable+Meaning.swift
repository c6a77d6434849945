import Records
import Tables

/// What columns mean that not every table has.
extension ResultTable {
  var meaningOfDifference: String? {
    let shown = readableColumns.compactMap(\.minuend)
    guard let comparison, let metric = shown.first else {
      return withoutReference.map { "Without differences: \($0)." }
    }
    let named = comparison.isPlanned ? ", named in the experiment" : ""
    var text =
      "minus \(comparison.name) (the reference\(named)): the differences seed by seed (the runs of "
      + "a seed share data, order and head), their mean ± 95 % confidence interval "
      + "\(over(comparison, metric)), each for one comparison alone. "
      + "Pairs are of equal settings and equal budget."
    let pairs = points.compactMap { comparison.pairs(of: $0, metric) }
    let lost = pairs.reduce(0) { $0 + $1.lost }
    if lost > 0 {
      text += " Lost to failed runs: \(lost) \(lost == 1 ? "pair" : "pairs")."
    }
    text += unlike(comparison, metric)
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
  private static func counts(_ numbers: [Int]) -> String {
    Set(numbers).sorted().map(NumberText.grouped).joined(separator: " or ")
  }

  /// What several comparisons say together, which each alone does not.
  var meaningOfFamily: String? {
    guard let comparison, let metric = readableColumns.compactMap(\.minuend).first else {
      return nil
    }
    let tested = (comparison.families[metric] ?? []).filter { $0.comparisons > 0 }
    let families = tested.filter { $0.comparisons > 1 }
    let several =
      tested.count < 2
      ? ""
      : " The error of 5 % is that of each of the \(tested.count) reference rows' comparisons, not of "
        + "the whole table's."
    guard !families.isEmpty else { return several.isEmpty ? nil : String(several.dropFirst()) }
    let counts = Self.counts(families.map(\.comparisons))
    let hasLoners = families.contains { $0.comparisons >= $0.shared?.table.arms ?? 0 }
    let method = hasLoners ? "Dunnett; Bonferroni for rows with other pairs than most" : "Dunnett"
    let each =
      families.count > 1 ? " with each of \(families.count) reference rows" : " with the reference"
    return
      "All at once (\(method)): the \(counts) comparisons\(each) hold together with 95 %, and p is "
      + "adjusted for their number. Of intervals for one comparison alone some leave out 0 by "
      + "chance (in 5 % of comparisons where there is no difference, so in more of tables of many "
      + "rows); one that leaves out 0 all at once is a difference at the 5 % level, whichever row "
      + "it is looked for in.\(several)\(spread(families, Metric(key: metric)))"
  }

  /// What the pooling takes for granted, and how far it is so.
  private func spread(_ families: [ComparisonFamily], _ metric: Metric) -> String {
    let text = " The spread between seeds is that of all rows together, as if alike"
    let deviations = points.compactMap { $0.statistics(of: metric.key)?.deviation }
    guard families.contains(where: { $0.shared?.table.arms ?? 0 > 2 }),
      let least = deviations.min(), let most = deviations.max()
    else { return "" }
    return "\(text); the rows' standard deviations are \(metric.text(width: least)) to "
      + "\(metric.words(width: most))."
  }

  /// What so many seeds can find.
  func powerText() -> String? {
    var sentences: [String] = []
    if let comparison, let metric = readableColumns.compactMap(\.minuend).first {
      let reaches = (comparison.families[metric] ?? []).compactMap { family in
        family.shared.flatMap { shared in
          shared.reach(shared.table.arms > 2 ? .reference : .single).map { ($0, shared) }
        }
      }
      sentences += Self.sentences(reaches, metric, "from the reference")
    }
    for set in bestSets.prefix(1) {
      let reaches = set.groups.compactMap { group in
        group.analysis.flatMap { analysis in
          analysis.reach(.allPairs).map { ($0, analysis) }
        }
      }
      sentences += Self.sentences(reaches, set.metric, "between any two rows")
    }
    return sentences.isEmpty ? nil : sentences.joined(separator: " ")
  }

  private static func sentences(
    _ reaches: [(reach: Reach, of: ArmAnalysis)], _ metric: String, _ family: String
  ) -> [String] {
    guard let worst = reaches.max(by: { $0.reach.difference < $1.reach.difference }) else {
      return []
    }
    let metric = Metric(key: metric)
    let (reach, analysis) = worst
    let images =
      analysis.absence == nil ? " and \(NumberText.grouped(analysis.table.images)) images" : ""
    let least = reaches.count > 1 ? " (in the least exact of \(reaches.count) groups of rows)" : ""
    let half = reach.seedsForHalf.map { "would take \($0) seeds" }
    return [
      "With \(reach.seeds) seeds\(images) a true difference \(family) of "
        + "\(metric.words(width: reach.difference)) is found with a probability of 80 %\(least); "
        + "half of it \(half ?? "not even 1,000 seeds find on these test images")."
    ]
  }

  /// Which rows may be the best.
  var meaningOfBest: String? {
    guard !bestSets.isEmpty else { return nil }
    let labels = RowLabels(points)
    func list(_ rows: [ResultPoint]) -> String {
      rows.map(labels.labelWithBudget(of:)).joined(separator: "; ")
    }
    var sentences = [
      "Which rows may be the best: Tukey's intervals of all pairs, 95 % for all at once; a row is "
        + "left out where another is told to be better."
    ]
    for set in bestSets {
      for group in set.groups where group.rows.count > 1 {
        let isTold = group.best.count < group.rows.count
        let name = Metric(key: set.metric).name
        var text =
          isTold
          ? "By \(name) \(group.best.count) of \(group.rows.count) rows cannot be told from the "
            + "best: \(list(group.best))."
          : "By \(name) none of these rows can be told from the best: \(list(group.best))."
        if let absence = group.analysis?.absence {
          text += " Over seeds alone (\(absence.words))."
        }
        if group.analysis?.seeds.count == 1 { text += " One seed tells nothing apart." }
        if !group.uncompared.isEmpty {
          text += " Not compared, for want of the others' seeds: \(list(group.uncompared))."
        }
        sentences.append(text)
      }
    }
    return sentences.joined(separator: " ")
  }

  /// Which rows have fewer pairs than runs, and which have none.
  private func unlike(_ comparison: Comparison, _ metric: String) -> String {
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
    var sentences = [
      "Chosen by the \(best) mean of \(metric.name) over seeds, for every arm by itself: "
        + "\(over.joined(separator: ", ")); values tried: \(tried)."
    ]
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
    let atEnd = points.filter { $0.chosen?.end == .lowest || $0.chosen?.end == .highest }
    let rows = atEnd.map { point in
      "\(labels.labelWithBudget(of: point)) (\(point.chosen?.end?.rawValue ?? ""))"
    }
    if !rows.isEmpty {
      return [
        "At an end of its grid, beyond which a better value may lie: "
          + "\(rows.joined(separator: "; "))."
      ]
    }
    return points.contains { $0.chosen?.end == nil } && points.allSatisfy { $0.chosen?.end == nil }
      ? ["No chosen value lies at an end of its grid."] : []
  }

  /// Whether times are those of a machine that was a run's own.
  var meaningOfTimes: String? {
    guard isShown("millisecondsPerStep") else { return nil }
    let runs = points.flatMap(\.finished)
    var sentences = ["ms/step: the median over seeds of a training step's mean time."]
    if runs.contains(where: { $0.jobs ?? 1 > 1 }) {
      sentences.append("* Other runs shared the machine.")
    }
    if runs.contains(where: { $0.jobs == nil }) {
      sentences.append(
        "Whether other runs shared the machine is unknown of runs of before 2026-12.")
    }
    return sentences.joined(separator: " ")
  }
}
