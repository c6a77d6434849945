// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Statistics
import Tables

/// How two settings act on each other.
extension EffectTable {
  mutating func addInteractions(
    _ points: [ResultPoint], _ first: String, _ second: String
  ) throws(ReportError) {
    let list = ColumnList(points, metrics: [], comparison: nil)
    let paths = [try list.path(first), try list.path(second)]
    var levels: [[JSON?]] = []
    for (name, path) in zip([first, second], paths) {
      let values = Set(points.map { $0.settings[path] }).sorted { LabelOrder($0) < LabelOrder($1) }
      guard values.count == 2 else {
        let shown = values.map { $0?.settingText ?? "none" }
        throw ReportError(
          "--interaction needs two values of \(name), and rows have \(NumberText.list(shown)); "
            + "--where chooses, as in --where '\(name)=\(shown.first ?? "")'")
      }
      levels.append(values)
    }
    let names = SettingNames(points)
    let others = names.varying.filter { path in
      !SettingNames.isOfWidth(path) && !paths.contains { SettingNames.isPart(path, of: $0) }
    }
    var cache = AnswerCache()
    let cells = Dictionary(grouping: points) { point in
      others.map { point.settings[$0]?.settingText ?? "none" }
        + [point.budget.map(ColumnList.text) ?? ""]
    }
    func text(_ setting: Int, _ level: Int) -> String {
      "\(names.title(of: paths[setting])) \(levels[setting][level]?.settingText ?? "none")"
    }
    for (key, rows) in cells.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      // Second at second, first at second, second at first, first at first.
      let wanted = [(1, 1), (0, 1), (1, 0), (0, 0)].map { one, other in
        rows.filter {
          $0.settings[paths[0]] == levels[0][one] && $0.settings[paths[1]] == levels[1][other]
        }
      }
      let place = zip(others, key).map { "\(names.title(of: $0)) = \($1)" }.joined(separator: ", ")
      let four = wanted.compactMap { $0.count == 1 ? $0.first : nil }
      guard four.count == 4,
        four.allSatisfy({ BestSet.areAlike(four[0], $0, &cache) }),
        let (analysis, members) = analysis(of: four, &cache), members.count == 4
      else {
        leftOut.append(place.isEmpty ? "the rows" : place)
        continue
      }
      let name = "\(text(0, 1)) against \(text(0, 0)), at \(text(1, 1)) less at \(text(1, 0))"
      add(
        place.isEmpty ? name : "\(name) (\(place))", 4, analysis,
        .interaction(0, 1, 2, 3, of: 4))
    }
    guard !effects.isEmpty else {
      throw ReportError(
        "--interaction \(first),\(second) needs four rows on one test set and the same seeds, one "
          + "for every pair of values; the rows are: \(RowPairing.list(points))")
    }
  }
}
