// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings
import Tables

/// What networks cost, one row each: `describe A B C` and `zoo --costs`.
struct NetworkCosts: Sendable {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  /// One network's row.
  struct Row: Sendable {
    let name: String
    let input: Shape
    let classes: Int
    let cost: Cost
    let layerCount: Int
    let memory: Describe.BatchMemory

    init(name: String, _ graph: Graph, _ memory: Describe.BatchMemory) {
      self.name = name
      input = graph.inputShape
      classes = graph.outputShape.channels
      cost = graph.cost
      layerCount = graph.layers.count
      self.memory = memory
    }
  }

  let rows: [Row]
  /// Of the memory that is told.
  let batch: Int

  func rendered(as format: Format) -> String {
    switch format {
    case .text:
      let width = Output.terminalWidth
      return people.rendered(as: .text, width: width) + "\n"
        + notes.map { PrintableText.paragraph($0, width: width) }.joined()
    case .json: return JSONDocument.object([("networks", json)]).rendered
    case .csv: return machines.rendered(as: .csv)
    case .markdown:
      let width = Output.terminalWidth
      return people.rendered(as: .markdown, width: width) + "\n"
        + notes.map { PrintableText.paragraph($0, width: width, indent: "- ") }.joined()
    case .latex:
      let caption = "What networks cost: \(list(rows.map(\.name)))."
      return LaTeXTable(people, caption: caption, label: "network-costs", notes: notes).source
    }
  }

  /// A caption names few networks.
  private func list(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return names.count > 4 ? "\(shown) and \(names.count - 4) more" : shown
  }

  private var notes: [String] {
    [
      Describe.countingRule, Describe.activationRule,
      "Memory: what a process takes at its peak that trains, or infers, a batch of \(batch); "
        + "1 MiB is 1,048,576 bytes.",
    ]
  }

  private var people: TextTable {
    var table = TextTable([
      "network", "input", "classes", "trainable parameters", "multiply-adds", "activations",
      "layers", "training memory (MiB)", "inference memory (MiB)",
    ])
    func mebibytes(_ bytes: Int) -> TextTable.Cell {
      .number(Double(bytes) / 1_048_576, decimals: 1)
    }
    table.rows = rows.map { row in
      [
        .text(row.name), .text("\(row.input)"), .integer(row.classes),
        .integer(row.cost.trainableParameters), .integer(row.cost.multiplyAdds),
        .integer(row.cost.activations), .integer(row.layerCount),
        mebibytes(row.memory.training), mebibytes(row.memory.inference),
      ]
    }
    table.leftOutFirst = ["classes", "layers", "input"]
    return table
  }

  private var machines: TextTable {
    var table = TextTable([
      "network", "input", "classes", "trainable", "nonTrainable", "multiplyAdds", "activations",
      "layerCount", "batch", "trainingMemoryBytes", "inferenceMemoryBytes",
    ])
    table.rows = rows.map { row in
      [
        .text(row.name), .text("\(row.input)"), .integer(row.classes),
        .integer(row.cost.trainableParameters), .integer(row.cost.nonTrainableParameters),
        .integer(row.cost.multiplyAdds), .integer(row.cost.activations),
        .integer(row.layerCount), .integer(batch), .integer(row.memory.training),
        .integer(row.memory.inference),
      ]
    }
    return table
  }

  /// A list of objects.
  var json: JSONDocument {
    let networks = rows.map { row in
      JSONDocument.object(
        [
          ("name", .text(row.name)), ("input", .shape(row.input)),
          ("classes", .integer(row.classes)),
        ] + Describe.costFields(row.cost) + [("layerCount", .integer(row.layerCount))]
          + row.memory.fields)
    }
    return .list(networks)
  }
}

extension NetworkArgument {
  /// What tells the network from others in a table: its file, or its name with the settings given.
  var title: String {
    guard source == Self.role else {
      return URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
    }
    return ([name] + Self.settings(of: json)).joined(separator: ", ")
  }

  /// `width 32`, for every value but the network's own name.
  private static func settings(of json: JSON) -> [String] {
    guard case .object(let fields) = json else { return [] }
    return fields.sorted { $0.key < $1.key }.flatMap { key, value in
      if case .object = value { return settings(of: value) }
      if case .string(let text) = value { return key == "network" ? [] : ["\(key) \(text)"] }
      return ["\(key) \(value.canonicalText)"]
    }
  }
}
