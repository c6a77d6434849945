// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Tables

/// What the zoo's blocks and networks cost.
extension Zoo {
  /// Every network as published, every block alone in a place that suits all.
  static func writeCosts(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let batch = try arguments[Flags.batch]
    let rows = try NetworkZoo.all.map { network in
      let network = try NetworkArgument(network.key)
      let graph = try network.graph(
        input: network.description.usualInput, classes: network.description.usualClasses)
      let memory = try Describe.BatchMemory(graph, batch: batch, arguments, context)
      return NetworkCosts.Row(name: network.name, graph, memory)
    }
    let networks = NetworkCosts(rows: rows, batch: batch)
    let blocks = BlockCosts(rows: try BlockZoo.all.map(BlockCosts.Row.init))
    switch format {
    case .json:
      try Output.write(
        JSONDocument.object([("blocks", blocks.json), ("networks", networks.json)]).rendered)
    case .csv: try Output.write(networks.rendered(as: .csv))
    case .text, .markdown, .latex:
      let form = NetworkCosts.Format(rawValue: format.rawValue) ?? .text
      try Output.write(blocks.rendered(as: form) + "\n" + networks.rendered(as: form))
    }
  }
}

/// What every block costs in the same place.
struct BlockCosts: Sendable {
  /// Channels that come and go.
  static let width = 64
  static let input = Shape(height: 32, width: 32, channels: width)

  /// One block's row.
  struct Row: Sendable {
    let name: String
    let parameters, multiplyAdds, activations: Int
    let layerCount: Int

    /// The block of the smallest network there is around it, with the default of every option.
    init(_ block: any Block.Type) throws {
      let probe: JSON = [
        "network": "probe", "width": .integer(BlockCosts.width),
        "block": ["kind": .string(block.key)],
      ]
      let graph = try NetworkDescription(probe, source: block.key)
        .graph(input: BlockCosts.input, classes: 10)
      let layers = graph.layers.filter { $0.name.hasPrefix("block") }
      name = block.key
      parameters = layers.map(\.cost.trainableParameters).reduce(0, +)
      multiplyAdds = layers.map(\.cost.multiplyAdds).reduce(0, +)
      activations = layers.map(\.cost.activations).reduce(0, +)
      layerCount = layers.count
    }
  }

  let rows: [Row]

  private var note: String {
    "Blocks alone, with their default options, from \(Self.width) to \(Self.width) channels on "
      + "images of \(Self.input.height)×\(Self.input.width)."
  }

  func rendered(as format: NetworkCosts.Format) -> String {
    switch format {
    case .markdown:
      table.rendered(as: .markdown, width: Output.terminalWidth) + "\n"
        + PrintableText.paragraph(note, width: Output.terminalWidth, indent: "- ")
    case .latex:
      LaTeXTable(
        table, caption: "What blocks cost.", label: "block-costs",
        notes: [note, Describe.countingRule, Describe.activationRule]
      ).source
    case .text, .csv, .json:
      table.rendered(as: .text, width: Output.terminalWidth) + "\n"
        + PrintableText.paragraph(note, width: Output.terminalWidth)
    }
  }

  private var table: TextTable {
    var table = TextTable([
      "block", "trainable parameters", "multiply-adds", "activations", "layers",
    ])
    table.rows = rows.map { row in
      [
        .text(row.name), .integer(row.parameters), .integer(row.multiplyAdds),
        .integer(row.activations), .integer(row.layerCount),
      ]
    }
    return table
  }

  /// A list of objects.
  var json: JSONDocument {
    .list(
      rows.map { row in
        .object([
          ("key", .text(row.name)), ("input", .shape(Self.input)),
          ("trainableParameters", .integer(row.parameters)),
          ("multiplyAdds", .integer(row.multiplyAdds)),
          ("activations", .integer(row.activations)), ("layerCount", .integer(row.layerCount)),
        ])
      })
  }
}
