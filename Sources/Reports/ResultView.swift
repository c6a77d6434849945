// SPDX-License-Identifier: Apache-2.0

import Records

/// Which of the things that were ever asked of a results folder a table shows.
public enum ResultView: Sendable {
  /// All runs, under every budget that was ever asked for them, and under none where somebody asked
  /// without.
  case all
  /// One experiment's: its points only, with its budgets and names.
  case experiment(ExperimentRecord)
}

/// A configuration's standing in a view: each becomes a row.
struct Standing: Hashable {
  var budget: RunRecord.Budget?
  var name: String?
}

extension ResultView {
  /// The runs that the view shows, of those that are there.
  func members(of runs: RunCollection) -> [RunCollection.Member] {
    guard case .experiment(let record) = self else { return runs.members }
    let shown = Set(record.points.flatMap(\.runs).map(\.id))
    return runs.members.filter { shown.contains($0.record.id) }
  }

  /// What the experiments are called.
  func experiments(of members: [RunCollection.Member], _ asked: [ExperimentRecord]) -> [String] {
    if case .experiment(let record) = self { return [record.name] }
    let ids = Set(members.map(\.record.id))
    let names = asked.filter { $0.points.contains { $0.runs.contains { ids.contains($0.id) } } }
      .map(\.name)
    return Set(names + members.map(\.record.experiment)).sorted()
  }

  /// The references that the experiments name which asked for runs of the table, each once.
  func references(of members: [RunCollection.Member], _ asked: [ExperimentRecord]) -> [String] {
    if case .experiment(let record) = self { return record.reference.map { [$0] } ?? [] }
    let ids = Set(members.map(\.record.id))
    return asked.filter { $0.points.contains { $0.runs.contains { ids.contains($0.id) } } }
      .compactMap(\.reference).reduce(into: []) { known, reference in
        if !known.contains(reference) { known.append(reference) }
      }
  }

  /// Under which budgets, and by which names, the runs of one configuration stand.
  func standings(of runs: [RunRecord], _ asked: AskedPoints) -> [Standing] {
    let ids = Set(runs.map(\.id))
    var found: [Standing] = []
    func add(_ budget: RunRecord.Budget?, _ name: String?) {
      let index = found.firstIndex { known in
        known.budget?.target == budget?.target && known.budget?.quantity == budget?.quantity
      }
      guard let index else { return found.append(Standing(budget: budget, name: name)) }
      // The later record decides; one that names nothing takes no name away.
      found[index].name = name ?? found[index].name
    }
    if case .experiment = self {
      for point in asked.points(with: ids) { add(point.budget, point.name) }
      return found
    }
    // Every way in which the runs were asked for stands: without a budget, too. A file holds that
    // of its last asker.
    for run in runs { add(run.budget, nil) }
    for point in asked.points(with: ids) { add(point.budget, point.name) }
    return found
  }

  /// What the view knows of what was asked.
  func points(_ asked: [ExperimentRecord]) -> AskedPoints {
    guard case .experiment(let record) = self else { return AskedPoints(asked) }
    return AskedPoints([record])
  }
}

/// The points of experiments, found by their runs.
struct AskedPoints {
  private var points: [ExperimentRecord.Point] = []
  private var places: [String: [Int]] = [:]

  init(_ records: [ExperimentRecord]) {
    for point in records.flatMap(\.points) {
      for run in point.runs { places[run.id, default: []].append(points.count) }
      points.append(point)
    }
  }

  /// The names of all points, in the order in which they were asked.
  var names: [String] { points.compactMap(\.name) }

  /// Those with one of the runs, in the order in which they were asked.
  func points(with ids: Set<String>) -> [ExperimentRecord.Point] {
    Set(ids.flatMap { places[$0] ?? [] }).sorted().map { points[$0] }
  }
}
