// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ModelZoo
import Records
import Reports
import Settings
import Training

extension Experiment {
  /// A point with everything settled but its seed and its name.
  struct SettledPoint {
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

  /// Reads a point, solves its widths and builds its graph.
  ///
  /// - Throws: what of it cannot be, with the field and the rule.
  func settle(
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
    try TrainingOptions(training, source: source).check(data, graph, transfer)
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
    let settings: JSON = ["network": network.settings]
    return PointNames.labels.compactMap { name, path in
      // As many as the graph has, where the block says only how it is cut.
      let value = name == "segments" ? network.segments.map(JSON.integer) : settings[path]
      return value.map {
        RunRecord.Label(name: name, value: $0.blockListText ?? $0.plainText)
      }
    }
  }
}
