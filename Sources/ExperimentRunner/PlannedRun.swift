import Datasets
import Engine
import ModelZoo
import Records
import Settings
import Training

/// One run of an experiment: everything settled, nothing done.
public struct PlannedRun: Sendable {
  /// The first 16 hexadecimal digits of the configuration's SHA-256.
  public let id: String
  public let seed: Int
  /// What names the run's point in tables.
  public let labels: [RunRecord.Label]
  public let network: NetworkDescription
  public let data: DatasetDescription
  public let training: TrainingSettings
  public let graph: Graph
  public let transfer: Transfer?
  public let budget: RunRecord.Budget?
  /// The run as canonical JSON: whatever can change its result, and nothing else.
  public let configuration: String

  /// The point's name in messages: `segmented-inception, segments 4, lambda 0, width 38`.
  public var point: String { Self.point(labels) }

  static func point(_ labels: [RunRecord.Label]) -> String {
    labels.map { $0.name == "block" ? $0.value : "\($0.name) \($0.value)" }
      .joined(separator: ", ")
  }

  /// The run's name in messages: its point, or its network where nothing names one, and seed.
  public var title: String { "\(point.isEmpty ? network.key : point), seed \(seed)" }

  /// Updates from begin to end.
  public var steps: Int { training.epochs * (data.trainedImageCount / training.batch) }
}

extension Experiment {
  /// All runs, points in the order of `vary`, seeds innermost.
  ///
  /// - Parameter directory: the folder of data sets, for those of pictures: their classes and images
  ///   are counted. Nil takes the environment's `CONTINUUM_DATA`.
  /// - Throws: the first point that cannot be, with what is wrong.
  public func runs(data directory: String? = nil) throws(SettingsError) -> [PlannedRun] {
    var runs: [PlannedRun] = []
    var known: Set<String> = []
    var folders = FolderSurveys(directory: directory)
    for point in points() {
      let plan = try plan(point, &folders)
      for run in plan where known.insert(run.id).inserted { runs.append(run) }
    }
    return runs
  }

  /// The combinations of the varied fields.
  private func points() -> [[(path: String, value: JSON)]] {
    variations.reduce([[]]) { points, variation in
      points.flatMap { point in
        variation.values.map { point + [(path: variation.path, value: $0)] }
      }
    }
  }

  private func plan(
    _ point: [(path: String, value: JSON)], _ folders: inout FolderSurveys
  ) throws(SettingsError) -> [PlannedRun] {
    let json = point.reduce(base) { $0.setting($1.path, to: $1.value) }
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
    let match = try matched(network, point, input: input, classes: data.classCount)
    network = match?.network ?? network
    let plain = try graph(network, input: input, classes: data.classCount)
    let graph = transfer?.prepared(plain) ?? plain
    var settings: JSON = [
      "data": data.canonical, "network": network.settings, "training": training.settings,
    ]
    if let transfer { settings = settings.setting("transfer", to: transfer.settings) }
    let labels = labels(of: network, point)
    return seeds.map { seed in
      let configuration = settings.setting("seed", to: .integer(seed)).canonicalText
      return PlannedRun(
        id: RunIdentity.of(configuration), seed: seed, labels: labels, network: network,
        data: data, training: training, graph: graph, transfer: transfer, budget: match?.budget,
        configuration: configuration)
    }
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
    _ network: NetworkDescription, _ point: [(path: String, value: JSON)], input: Shape,
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
        network, quantity: budget.quantity, target: target, input: input, classes: classes,
        hold: budget.hold)
      return (
        match.network,
        RunRecord.Budget(
          quantity: budget.quantity.rawValue, target: target, actual: match.count)
      )
    } catch {
      let labels = labels(of: network, point).filter { $0.name != "width" }
      throw SettingsError(
        source: source, field: "budget", value: "",
        rule: "at the point \(PlannedRun.point(labels)): \(error)")
    }
  }

  /// Block, segments and between from the network as it is run, whatever was asked for; then what
  /// else varies, by the last part of its path; last the width.
  private func labels(
    of network: NetworkDescription, _ point: [(path: String, value: JSON)]
  ) -> [RunRecord.Label] {
    var labels: [RunRecord.Label] = []
    func add(_ name: String, _ value: JSON?) {
      guard let value, !labels.contains(where: { $0.name == name }) else { return }
      labels.append(RunRecord.Label(name: name, value: Self.text(value)))
    }
    add("block", network.settings["block.kind"])
    add("segments", network.segments.map(JSON.integer))
    for name in ["segmentWidth", "segmentWidths", "towers", "between"] {
      add(name, network.settings["block.\(name)"])
    }
    for (path, value) in point where path != "network.block" && path != "network.width" {
      add(path.split(separator: ".").last.map(String.init) ?? path, value)
    }
    add("width", network.settings["width"])
    return labels
  }

  private static func text(_ value: JSON) -> String {
    if case .string(let text) = value { return text }
    return value.canonicalText
  }
}
