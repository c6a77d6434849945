// SPDX-License-Identifier: Apache-2.0

import Engine
import Tables

/// A network's layers in every format.
extension Describe {
  static func rendered(
    _ graph: Graph, _ memory: BatchMemory, as format: Format
  ) -> String {
    switch format {
    case .text: text(graph, memory)
    case .json: json(graph, memory).rendered
    case .csv: machines(graph).rendered(as: .csv)
    case .markdown:
      table(graph).rendered(as: .markdown, width: Output.terminalWidth) + "\n"
        + notes(graph, memory).map {
          PrintableText.paragraph($0, width: Output.terminalWidth, indent: "- ")
        }.joined()
    case .latex:
      LaTeXTable(
        table(graph), caption: "The layers of \(title(graph)).", label: graph.name,
        notes: notes(graph, memory)
      ).source
    case .dot: dot(graph)
    }
  }

  /// What stands beside the table: how it counts, and the memory of training.
  private static func notes(_ graph: Graph, _ memory: BatchMemory) -> [String] {
    let total = NumberText.grouped(graph.cost.totalParameters)
    let training = NumberText.grouped(memory.training)
    let inference = NumberText.grouped(memory.inference)
    return [
      countingRule, activationRule,
      "\(total) parameters in all; \(training) bytes to train a batch of \(memory.batch), "
        + "\(inference) to infer it.",
    ]
  }

  private static func text(_ graph: Graph, _ memory: BatchMemory) -> String {
    let cost = graph.cost
    let facts = [
      ("trainable parameters", cost.trainableParameters),
      ("non-trainable parameters", cost.nonTrainableParameters),
      ("total parameters", cost.totalParameters), ("multiply-adds", cost.multiplyAdds),
      ("activations", cost.activations),
      ("bytes to train a batch of \(memory.batch)", memory.training),
      ("bytes to infer a batch of \(memory.batch)", memory.inference),
    ]
    let lines = facts.map { name, count in
      let number = NumberText.grouped(count)
      return name + String(repeating: " ", count: max(1, 48 - name.count - number.count)) + number
    }
    return "\(title(graph))\n\n"
      + table(graph).rendered(as: .text, width: Output.terminalWidth) + "\n"
      + lines.joined(separator: "\n")
      + "\n\n"
      + [countingRule, activationRule].map {
        PrintableText.paragraph($0, width: Output.terminalWidth)
      }.joined()
  }

  private static func title(_ graph: Graph) -> String {
    "\(graph.name), \(graph.inputShape), \(graph.outputShape.channels) classes"
  }

  private static func table(_ graph: Graph) -> TextTable {
    var table = TextTable([
      "layer", "kind", "output", "trainable", "non-trainable", "multiply-adds", "activations",
    ])
    func cells(_ cost: Cost) -> [TextTable.Cell] {
      [
        cost.trainableParameters, cost.nonTrainableParameters, cost.multiplyAdds, cost.activations,
      ].map(TextTable.Cell.integer)
    }
    table.rows = graph.layers.map { layer in
      [.text(layer.name), .text(layer.kind), .text("\(layer.output)")] + cells(layer.cost)
    }
    table.totals = [.text("total"), .text(""), .text("")] + cells(graph.cost)
    return table
  }

  /// The same with the keys of JSON.
  private static func machines(_ graph: Graph) -> TextTable {
    var table = table(graph)
    let keys = ["non-trainable": "nonTrainable", "multiply-adds": "multiplyAdds"]
    table.titles = table.titles.map { keys[$0] ?? $0 }
    return table
  }

  private static func json(_ graph: Graph, _ memory: BatchMemory) -> JSONDocument {
    let cost = graph.cost
    let layers = graph.layers.map { layer in
      JSONDocument.object([
        ("name", .text(layer.name)), ("kind", .text(layer.kind)), ("output", .shape(layer.output)),
        ("parameters", .integer(layer.cost.totalParameters)),
        ("multiplyAdds", .integer(layer.cost.multiplyAdds)),
      ])
    }
    return .object(
      [
        ("name", .text(graph.name)), ("input", .shape(graph.inputShape)),
        ("classes", .integer(graph.outputShape.channels)),
      ] + costFields(cost) + memory.fields + [("layers", .list(layers))])
  }

  /// What a graph costs, for JSON.
  static func costFields(_ cost: Cost) -> [(String, JSONDocument)] {
    [
      (
        "parameters",
        .object([
          ("trainable", .integer(cost.trainableParameters)),
          ("nonTrainable", .integer(cost.nonTrainableParameters)),
          ("total", .integer(cost.totalParameters)),
        ])
      ),
      ("multiplyAdds", .integer(cost.multiplyAdds)), ("activations", .integer(cost.activations)),
    ]
  }

  private static func dot(_ graph: Graph) -> String {
    func quoted(_ text: String) -> String {
      "\""
        + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        .replacing("\n", with: "\\n") + "\""
    }
    var lines = [
      "digraph \(quoted(graph.name)) {",
      "  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11];",
      "  edge [fontname=\"Helvetica\", fontsize=9];",
    ]
    for (position, node) in graph.nodes.enumerated() {
      lines.append("  n\(position) [label=\(quoted("\(node.name)\n\(node.op.kind)"))];")
      lines += node.inputs.map { input in
        "  n\(input.index) -> n\(position) [label=\(quoted("\(graph.shape(of: input))"))];"
      }
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }
}
