// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics
import Tables

/// What comparisons of many rows say together, and what they can find.
extension ResultTable {
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
}
