// SPDX-License-Identifier: Apache-2.0

import Records
import Settings
import Tables

/// All columns that a table can show, in their order: the one list of them.
struct ColumnList: Sendable {
  let columns: [Column]
  private let names: SettingNames

  /// - Parameter chosenOver: settings that are shown even where all rows chose the same.
  init(
    _ points: [ResultPoint], metrics: [String], comparison: Comparison?,
    bestSets: [BestSet] = [], chosenOver: [String] = []
  ) {
    names = SettingNames(points)
    columns =
      Self.identity(points) + Self.settings(points, names, chosenOver)
      + Self.costs(points, isWidthChosen: names.varying.contains(SettingNames.width))
      + Self.results(points, metrics, comparison, bestSets) + Self.provenance(points)
  }

  /// Names of columns that are no settings; a setting of such a name is called by its whole path.
  static let ownKeys: Set<String> = {
    let columns =
      identity([]) + costs([], isWidthChosen: false) + counts(isChoice: false) + provenance([])
    // Tables of single runs have the seed.
    return Set(columns.flatMap { [$0.key] + $0.more.map(\.key) } + ["seed"])
  }()

  private static func identity(_ points: [ResultPoint]) -> [Column] {
    let hasNames = points.contains { $0.name != nil }
    let hasFolders = Set(points.map(\.folders)).count > 1
    return [
      Column(
        key: "name", title: "name", isReadable: hasNames, isData: hasNames,
        value: { $0.name.map(JSON.string) ?? .null }),
      Column(
        key: "folder", title: "folder", isReadable: hasFolders, isData: hasFolders,
        value: { .string(NumberText.list($0.folders)) }),
    ]
  }

  /// The settings: those that differ are shown, the others can be asked for.
  private static func settings(
    _ points: [ResultPoint], _ names: SettingNames, _ always: [String]
  ) -> [Column] {
    let hasBlock = points.contains { $0.settings["network.block.kind"] != nil }
    var paths = names.all.filter { $0 != SettingNames.width }
    // Programs find it in every table.
    if !paths.contains(SettingNames.segments) {
      let place = paths.lastIndex { ["network.network", "network.block.kind"].contains($0) }
      paths.insert(SettingNames.segments, at: place.map { $0 + 1 } ?? 0)
    }
    return paths.map { path in
      let isNaming = path == (hasBlock ? "network.block.kind" : "network.network")
      let isShown = isNaming || names.varying.contains(path) || always.contains(path)
      return Column(
        key: names.name(of: path), title: names.title(of: path), path: path,
        isReadable: isShown, isData: isShown || path == SettingNames.segments,
        value: { $0.settings[path] ?? .null }, cell: count(path))
    }
  }

  /// A number of images has commas between its thousands.
  private static func count(_ path: String) -> (@Sendable (ResultPoint) -> TextTable.Cell)? {
    guard SettingNames.imageCounts[path] != nil else { return nil }
    return { point in
      if case .integer(let count)? = point.settings[path] { .integer(count) } else { .empty }
    }
  }

  private static func costs(_ points: [ResultPoint], isWidthChosen: Bool) -> [Column] {
    let hasWidth = points.contains { $0.settings[SettingNames.width] != nil }
    let budgets = Set(points.map { $0.budget.map(Self.text) })
    let hasBudget = budgets != [nil]
    // A column of one unit says it in its heading.
    let quantities = Set(points.compactMap { $0.budget?.quantity })
    let unit = quantities.count == 1 ? quantities.first : nil
    return [
      Column(
        key: "width", title: "width", path: SettingNames.width, isReadable: hasWidth,
        spare: isWidthChosen ? nil : .width,
        value: { $0.settings[SettingNames.width] ?? .null }),
      Column(
        key: "parameters", title: "parameters", spare: .parameters,
        value: { .integer($0.cost.trainableParameters) },
        cell: { .integer($0.cost.trainableParameters) }),
      Column(
        key: "nonTrainableParameters", title: "non-trainable parameters", isReadable: false,
        spare: .nonTrainableParameters,
        value: { .integer($0.cost.nonTrainableParameters) },
        cell: { .integer($0.cost.nonTrainableParameters) }),
      Column(
        key: "multiplyAdds", title: "multiply-adds", spare: .multiplyAdds,
        value: { .integer($0.cost.multiplyAdds) },
        cell: { .integer($0.cost.multiplyAdds) }),
      Column(
        key: "budget", title: unit.map { "budget (\($0))" } ?? "budget",
        isReadable: budgets.count > 1,
        value: { point in point.budget.map { .integer($0.target) } ?? .null },
        cell: { point in
          point.budget.map { unit == nil ? .written(Self.text($0)) : .integer($0.target) } ?? .empty
        },
        more: [
          Column.Detail(
            key: "budgetQuantity",
            value: { point in point.budget.map { .string($0.quantity) } ?? .null })
        ]),
      Column(
        key: "mismatch", title: "mismatch (%)", isReadable: hasBudget, spare: .mismatch,
        value: { .known($0.budget?.mismatch) },
        cell: { point in
          point.budget.map { .number($0.mismatch * 100, decimals: 2, signed: true) } ?? .empty
        }),
    ]
  }

  /// `2,570 parameters`
  static func text(_ budget: RunRecord.Budget) -> String {
    "\(NumberText.grouped(budget.target)) \(budget.quantity)"
  }

  private static func provenance(_ points: [ResultPoint]) -> [Column] {
    let hasBest = points.contains { $0.fact("bestPossibleAccuracy") != nil }
    return [
      Column(
        key: "bestPossibleAccuracy", title: "best possible (%)", isReadable: hasBest,
        spare: .bestPossible, value: { .known($0.fact("bestPossibleAccuracy")) },
        cell: { bestPossible($0) },
        more: [
          Column.Detail(
            key: "bestPossibleAccuracyError",
            value: { .known($0.fact("bestPossibleAccuracyError")) })
        ]),
      Column(
        key: "millisecondsPerStep", title: "ms/step", isReadable: false, isData: false,
        spare: .time,
        value: { .known($0.millisecondsPerStep) }, cell: { time($0) },
        runValue: { .known($0.provenance.millisecondsPerStep) },
        more: [
          Column.Detail(
            key: "sharedMachine", value: { $0.sharedMachine.map(JSON.bool) ?? .null })
        ]),
      Column(
        key: "jobs", title: "jobs", isReadable: false, isData: false,
        value: { $0.jobs.map(JSON.integer) ?? .null },
        runValue: { $0.jobs.map(JSON.integer) ?? .null }),
      Column(
        key: "seeds", title: "seeds", isReadable: false,
        value: { .string($0.finished.map { "\($0.seed)" }.joined(separator: " ")) }),
      Column(
        key: "commits", title: "commits", isReadable: false,
        value: { point in
          .string(Set(point.runs.map(\.provenance.commit)).sorted().joined(separator: " "))
        }),
    ]
  }

  private static func bestPossible(_ point: ResultPoint) -> TextTable.Cell {
    guard let accuracy = point.fact("bestPossibleAccuracy") else { return .empty }
    let error = point.fact("bestPossibleAccuracyError")
    return .written(NumberText.interval(accuracy * 100, error.map { $0 * 100 }, decimals: 2))
  }

  /// Marked where other runs shared the machine.
  private static func time(_ point: ResultPoint) -> TextTable.Cell {
    guard let time = point.millisecondsPerStep else { return .empty }
    let text = NumberText.fixed(time, decimals: time < 10 ? 2 : time < 100 ? 1 : 0)
    return .written(point.sharedMachine == true ? text + "*" : text)
  }

  // MARK: Names

  /// The column of a name.
  ///
  /// - Throws: where there is none, or several settings are called so.
  func column(_ name: String) throws(ReportError) -> Column {
    try checkSeed(name)
    if let column = columns.first(where: { $0.path == nil && $0.isNamed(name) }) { return column }
    let paths = names.paths(named: name)
    guard paths.count < 2 else { throw Self.several(name, paths) }
    if let column = columns.first(where: {
      $0.path != nil && ($0.path == paths.first || $0.key == name)
    }) {
      return column
    }
    let known = columns.map(\.key) + names.spellings
    let hint = Spelling.nearest(to: name, among: known).map { " (did you mean \"\($0)\"?)" }
    let shown = columns.filter { $0.isReadable || $0.isData }.map(\.key)
    throw ReportError(
      "there is no column \"\(name)\"\(hint ?? ""); shown here: \(NumberText.list(shown)); "
        + "every other setting can be named by its path, e.g. training.epochs")
  }

  /// The paths of the settings that a name means.
  func path(_ name: String) throws(ReportError) -> String {
    try checkSeed(name)
    let paths = names.paths(named: name)
    guard paths.count == 1 else {
      let hint = Spelling.nearest(to: name, among: names.spellings)
        .map { " (did you mean \"\($0)\"?)" }
      throw paths.isEmpty
        ? ReportError("no run has the setting \"\(name)\"\(hint ?? "")") : Self.several(name, paths)
    }
    return paths[0]
  }

  /// A row holds the runs of all seeds, and `seed` alone never means the data's.
  private func checkSeed(_ name: String) throws(ReportError) {
    guard name == "seed" else { return }
    let others = names.all.filter { $0.hasSuffix(".seed") }
    throw ReportError(
      "\"seed\" is the seed of a run, and a row holds those of all its seeds: --where takes it, and "
        + "\"seeds\" is the column that lists them"
        + (others.isEmpty ? "" : "; another seed is \(NumberText.list(others))"))
  }

  private static func several(_ name: String, _ paths: [String]) -> ReportError {
    ReportError("\"\(name)\" may mean \(NumberText.list(paths)); give the whole path")
  }
}
