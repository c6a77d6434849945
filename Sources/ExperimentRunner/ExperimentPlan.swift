import Datasets
import Engine
import ModelZoo
import Records
import Reports
import Settings
import Training

/// All that an experiment asks for.
public struct ExperimentPlan: Sendable {
  /// Points in the order of `vary`, seeds innermost.
  public let runs: [PlannedRun]
  /// Points that `exclude` leaves out.
  public let excludedPoints: Int
  /// Points at which a block has nothing for `network.block.between` to stand between.
  public let meaninglessPoints: Int
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
        "\(Self.points(meaninglessPoints)) left out: their blocks have a single operation, and "
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
  /// A point with everything settled but its seed and its name.
  private struct SettledPoint {
    var point: ExperimentPoint
    var network: NetworkDescription
    var data: DatasetDescription
    var training: TrainingSettings
    var graph: Graph
    var budget: RunRecord.Budget?
    /// Whether it is said how far from its budget the point may be.
    var isBounded: Bool
    /// The configuration without the seed.
    var settings: JSON
    var labels: [RunRecord.Label]

    /// Points of one configuration and one budget are the same.
    var key: String {
      "\(settings.canonicalText) \(budget.map { "\($0.target) \($0.quantity)" } ?? "")"
    }
  }

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
    let included = wanted.filter { !isMeaningless($0) }
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
      let twins = group.dropFirst().compactMap { entry in
        entry.point.budget.map {
          PlannedRun.Twin(point: entry.name, ownName: entry.point.point.name, budget: $0)
        }
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

  /// Whether what `vary` puts between a block's operations has no place there: a grid of blocks and
  /// activations goes without such points, of which that with none stays.
  private func isMeaningless(_ point: ExperimentPoint) -> Bool {
    let between = "network.block.between"
    let json = point.applied(to: base)
    guard point.fields.contains(where: { $0.path == between }), let said = json[between],
      said != .null, said != .string(Between.none.rawValue),
      case .string(let kind)? = json["network.block.kind"], let block = BlockZoo.block(kind)
    else { return false }
    return !block.honours.contains(.between)
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

  private func settle(
    _ point: ExperimentPoint, _ folders: inout FolderSurveys
  ) throws(SettingsError) -> SettledPoint {
    let json = point.applied(to: base)
    let budget = try budget(of: json)
    try checkWidth(json, budget)
    var network = try NetworkDescription(json["network"] ?? .null, source: source, path: "network")
    var dataFields = try Fields(json["data"] ?? .null, source: source, path: "data")
    var data = try DatasetDescription(&dataFields, preprocessing: network.preprocessing)
    try dataFields.finish()
    data = try folders.surveyed(data, source: source)
    let training = try TrainingSettings(
      Fields(json["training"] ?? .null, source: source, path: "training"))
    guard training.batch <= data.trainedImageCount else {
      throw SettingsError(
        source: source, field: "training.batch", value: "\(training.batch)",
        rule: "must be at most the \(data.trainedImageCount) training images")
    }
    let input = Shape(
      height: data.imageSize.height, width: data.imageSize.width,
      channels: data.imageSize.channels)
    let match = try matched(network, to: budget, point, input: input, classes: data.classCount)
    network = match?.network ?? network
    let plain = try graph(network, input: input, classes: data.classCount)
    let graph = transfer?.prepared(plain) ?? plain
    try graph.checkBatchStatistics(of: training, source: source)
    var settings: JSON = [
      "data": data.canonical, "network": network.settings, "training": training.settings,
    ]
    if let transfer { settings = settings.setting("transfer", to: transfer.settings) }
    return SettledPoint(
      point: point, network: network, data: data, training: training, graph: graph,
      budget: match?.budget, isBounded: budget?.within != nil, settings: settings,
      labels: labels(of: network))
  }

  private func graph(
    _ network: NetworkDescription, input: Shape, classes: Int
  ) throws(SettingsError) -> Graph {
    do {
      return try network.graph(input: input, classes: classes)
    } catch {
      throw SettingsError(source: source, field: "network", value: "", rule: error.description)
    }
  }

  /// The network at the width that comes closest to the budget, and how close.
  private func matched(
    _ network: NetworkDescription, to budget: Budget?, _ point: ExperimentPoint, input: Shape,
    classes: Int
  ) throws(SettingsError) -> (network: NetworkDescription, budget: RunRecord.Budget)? {
    guard let budget else { return nil }
    do {
      let target: Int =
        switch budget.target {
        case .count(let count): count
        case .network(let reference):
          budget.quantity.count(try reference.graph(input: input, classes: classes).cost)
        }
      let match = try BudgetMatching.closest(
        network,
        BudgetMatching.Budget(
          budget.quantity, target: target, hold: budget.hold, within: budget.within),
        input: input, classes: classes)
      return (
        match.network,
        RunRecord.Budget(
          quantity: budget.quantity.rawValue, target: target, actual: match.count)
      )
    } catch {
      let labels = labels(of: network).filter { $0.name != "width" }
      throw SettingsError(
        source: source, field: "budget", value: "",
        rule: "at the point \(point.name ?? PointNames.text(labels)): \(error)")
    }
  }

  /// Block, segments, between and width of the network as it is run, whatever was asked for.
  private func labels(of network: NetworkDescription) -> [RunRecord.Label] {
    var labels: [RunRecord.Label] = []
    func add(_ name: String, _ value: JSON?) {
      guard let value else { return }
      labels.append(
        RunRecord.Label(name: name, value: value.blockListText ?? value.plainText))
    }
    add("block", network.settings["block.kind"])
    add("blocks", network.settings["blocks"])
    add("segments", network.segments.map(JSON.integer))
    for name in ["segmentWidth", "segmentWidths", "towers", "between"] {
      add(name, network.settings["block.\(name)"])
    }
    for name in ["width", "stageWidths", "stemWidth"] { add(name, network.settings[name]) }
    return labels
  }
}
