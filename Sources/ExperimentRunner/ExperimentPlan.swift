// SPDX-License-Identifier: Apache-2.0

import Datasets
import ModelZoo
import Settings

/// All that an experiment asks for.
public struct ExperimentPlan: Sendable {
  /// Points in the order of `vary`, seeds innermost.
  public let runs: [PlannedRun]
  /// Points that `exclude` leaves out.
  public let excludedPoints: Int
  /// Points at which a block has nothing for `network.block.between` to stand between.
  public let meaninglessPoints: Int
  /// The blocks of such points.
  let singleOperations: [String]
  /// Points that are the same as an earlier one and count once.
  public let repeatedPoints: Int

  /// What of the command line does not reach every point, one sentence each.
  let unreached: [String]
  /// Whether the experiment says how far from its budget a point may be.
  let isBudgetBounded: Bool

  /// What was left out or joined, or costs far from what it should, one sentence each.
  public var notes: [String] {
    var notes = unreached
    if !isBudgetBounded, let note = MissedBudget.note(of: runs) { notes.append(note) }
    if excludedPoints > 0 {
      notes.append("\(Self.points(excludedPoints)) left out by exclude")
    }
    if meaninglessPoints > 0 {
      notes.append(
        "\(Self.points(meaninglessPoints)) left out: \(singleOperations.joined(separator: ", ")) "
          + "\(singleOperations.count == 1 ? "has" : "have") a single operation, and "
          + "network.block.between nothing to stand between")
    }
    if repeatedPoints > 0 {
      notes.append("\(Self.points(repeatedPoints)) the same as another; each counts once")
    }
    return notes
  }

  private static func points(_ count: Int) -> String {
    count == 1 ? "1 point is" : "\(count) points are"
  }
}

extension Experiment {
  /// All runs, points in the order of `vary`, seeds innermost.
  ///
  /// - Parameter directory: as for `plan`.
  /// - Throws: the first point that cannot be, with what is wrong.
  public func runs(data directory: String? = nil) throws(SettingsError) -> [PlannedRun] {
    try plan(data: directory).runs
  }

  /// All runs, and what was left out.
  ///
  /// - Parameter directory: the folder of data sets, for those of pictures: their classes and images
  ///   are counted. Nil takes the environment's `CONTINUUM_DATA`.
  /// - Throws: the first point that cannot be, with what is wrong.
  public func plan(data directory: String? = nil) throws(SettingsError) -> ExperimentPlan {
    var folders = FolderSurveys(directory: directory)
    var settled: [SettledPoint] = []
    var known: [String: ExperimentPoint] = [:]
    let wanted = try includedPoints()
    let single = wanted.map(blockWithoutBetween)
    let included = zip(wanted, single).filter { $1 == nil }.map(\.0)
    guard !included.isEmpty else {
      throw SettingsError(
        source: source, field: "vary.network.block.between", value: "",
        rule: "leaves no point: the blocks have a single operation, with nothing to stand between")
    }
    for point in included {
      let next = try settle(point, &folders)
      if let first = known[next.key] {
        try checkNames(first, point)
      } else {
        known[next.key] = point
        settled.append(next)
      }
    }
    let runs = runs(of: settled)
    try checkReference(runs)
    return ExperimentPlan(
      runs: runs,
      excludedPoints: points.count - wanted.count,
      meaninglessPoints: wanted.count - included.count,
      singleOperations: Set(single.compactMap(\.self)).sorted(),
      repeatedPoints: included.count - settled.count, unreached: unreachedNotes(included),
      isBudgetBounded: settled.allSatisfy(\.isBounded))
  }

  /// Each configuration once for every seed, with the other budgets that it stands under.
  private func runs(of settled: [SettledPoint]) -> [PlannedRun] {
    let names = PointNames.names(
      of: settled.map { point in
        PointNames.Point(
          own: point.point.name, settings: namedSettings(point), labels: point.labels,
          varied: point.point.fields.map(\.path))
      })
    let named = zip(settled, names).map { (point: $0, name: $1) }
    var order: [String] = []
    var groups: [String: [(point: SettledPoint, name: String)]] = [:]
    for entry in named {
      let key = entry.point.settings.canonicalText
      if groups[key] == nil { order.append(key) }
      groups[key, default: []].append(entry)
    }
    return order.flatMap { key -> [PlannedRun] in
      guard let group = groups[key], let first = group.first else { return [] }
      let twins = group.dropFirst().map { entry in
        PlannedRun.Twin(
          point: entry.name, ownName: entry.point.point.name, budget: entry.point.budget)
      }
      return seeds.map { run(first.point, named: first.name, seed: $0, twins: twins) }
    }
  }

  /// - Throws: where two points of one configuration have names of their own, and different ones.
  private func checkNames(
    _ first: ExperimentPoint, _ second: ExperimentPoint
  ) throws(SettingsError) {
    guard let name = first.name, let other = second.name, name != other else { return }
    throw SettingsError(
      source: source, field: "vary", value: "",
      rule: "gives the names \"\(name)\" and \"\(other)\" to the same configuration; "
        + "leave out one, or let them differ")
  }

  /// The points that no exclusion names.
  ///
  /// - Throws: an exclusion that names none, or all of them.
  private func includedPoints() throws(SettingsError) -> [ExperimentPoint] {
    guard !exclusions.isEmpty else { return points }
    var uses = [Int](repeating: 0, count: exclusions.count)
    var fields: Set<String> = []
    let included = points.filter { point in
      let said = point.applied(to: base)
      let resolved = Exclusion.resolved(said, source: source)
      let hits = exclusions.indices.filter {
        exclusions[$0].matches(point, said: said, resolved: resolved)
      }
      fields.formUnion(resolved.paths)
      for hit in hits { uses[hit] += 1 }
      return hits.isEmpty
    }
    for exclusion in exclusions { try exclusion.check(among: fields, source: source) }
    if let idle = uses.firstIndex(of: 0) {
      throw SettingsError(
        source: source, field: exclusions[idle].field, value: "",
        rule: "matches none of the \(points.count) points; take it away or mend it")
    }
    guard !included.isEmpty else {
      throw SettingsError(
        source: source, field: "exclude", value: "", rule: "must leave at least one point")
    }
    return included
  }

  /// The block for whose operations `vary` asks something between, where it has only one: a grid of
  /// blocks and activations goes without such points, of which that with none stays. Nil elsewhere.
  private func blockWithoutBetween(_ point: ExperimentPoint) -> String? {
    let between = "network.block.between"
    let json = point.applied(to: base)
    guard point.fields.contains(where: { $0.path == between }), let said = json[between],
      said != .null, said != .string(Between.none.rawValue),
      case .string(let kind)? = json["network.block.kind"], let block = BlockZoo.block(kind)
    else { return nil }
    return block.has(Between.option) ? nil : kind
  }

  /// What a point is named by: a budget is no part of the configuration, and may vary.
  private func namedSettings(_ point: SettledPoint) -> JSON {
    guard variesBudget, let budget = point.point.applied(to: base)["budget"] else {
      return point.settings
    }
    return point.settings.setting("budget", to: budget)
  }

  private func run(
    _ point: SettledPoint, named name: String, seed: Int, twins: [PlannedRun.Twin]
  ) -> PlannedRun {
    let configuration = point.settings.setting("seed", to: .integer(seed)).canonicalText
    return PlannedRun(
      id: RunIdentity.of(configuration), seed: seed, labels: point.labels, point: name,
      ownName: point.point.name, network: point.network, data: point.data,
      training: point.training, graph: point.graph, transfer: transfer, budget: point.budget,
      twins: twins, configuration: configuration, said: point.point.applied(to: base),
      varied: point.point.fields.map(\.path))
  }
}
