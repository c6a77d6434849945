import Engine
import ModelZoo

/// `describe`: the layer table of a network and what it costs, all derived from its graph.
enum Describe: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex, dot }

  static let name = "describe"
  static let summary = "layers, parameters and multiply-adds of a network"
  static let operands = Operands(usage: "NETWORK", count: 1...1)
  static let options = [Option.input, Option.classes, Option.format(Format.self)]
  static let discussion = """
    NETWORK is a name that `continuum zoo` lists, a JSON file, or JSON that begins with {.
    \(countingRule)
    The format dot is for Graphviz: ops are nodes, values are edges.
    """
  static let examples = [
    "continuum describe stack",
    "continuum describe '{\"network\": \"stack\", \"width\": 32, "
      + "\"block\": {\"kind\": \"segmented-inception\", \"segments\": 4, \"between\": \"relu\"}}'",
    "continuum describe probe --input 16x16x8 --classes 8 --format json",
  ]

  /// The rule that all our counts follow.
  static let countingRule =
    "Multiply-adds: one image's forward pass, convolutions and dense layers; nothing else counts."

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: Format.text)
    let input = try arguments.inputShape()
    let classes = try arguments.classCount()
    let network = try NetworkArgument(arguments.operands[0]).description
    let graph = try network.graph(input: input, classes: classes)
    try Output.write(rendered(graph, as: format))
  }

  private static func rendered(_ graph: Graph, as format: Format) -> String {
    switch format {
    case .text: text(graph)
    case .json: json(graph).rendered
    case .csv: table(graph).rendered(as: .csv)
    case .markdown: table(graph).rendered(as: .markdown)
    case .latex: "% \(countingRule)\n" + table(graph).rendered(as: .latex)
    case .dot: dot(graph)
    }
  }

  private static func text(_ graph: Graph) -> String {
    let cost = graph.cost
    let facts = [
      ("trainable parameters", cost.trainableParameters),
      ("non-trainable parameters", cost.nonTrainableParameters),
      ("total parameters", cost.totalParameters), ("multiply-adds", cost.multiplyAdds),
    ]
    let lines = facts.map { name, count in
      let number = TextTable.grouped(count)
      return name + String(repeating: " ", count: max(1, 44 - name.count - number.count)) + number
    }
    return "\(graph.name), \(graph.inputShape), \(graph.outputShape.channels) classes\n\n"
      + table(graph).rendered(as: .text) + "\n" + lines.joined(separator: "\n")
      + "\n\n\(countingRule)\n"
  }

  private static func table(_ graph: Graph) -> TextTable {
    var table = TextTable([
      "layer", "kind", "output", "trainable", "non-trainable", "multiply-adds",
    ])
    func cells(_ cost: Cost) -> [TextTable.Cell] {
      [cost.trainableParameters, cost.nonTrainableParameters, cost.multiplyAdds]
        .map(TextTable.Cell.integer)
    }
    table.rows = graph.layers.map { layer in
      [.text(layer.name), .text(layer.kind), .text("\(layer.output)")] + cells(layer.cost)
    }
    table.totals = [.text("total"), .text(""), .text("")] + cells(graph.cost)
    return table
  }

  private static func json(_ graph: Graph) -> OrderedJSON {
    let cost = graph.cost
    let layers = graph.layers.map { layer in
      OrderedJSON.object([
        ("name", .text(layer.name)), ("kind", .text(layer.kind)), ("output", .shape(layer.output)),
        ("parameters", .integer(layer.cost.totalParameters)),
        ("multiplyAdds", .integer(layer.cost.multiplyAdds)),
      ])
    }
    return .object([
      ("name", .text(graph.name)), ("input", .shape(graph.inputShape)),
      ("classes", .integer(graph.outputShape.channels)),
      (
        "parameters",
        .object([
          ("trainable", .integer(cost.trainableParameters)),
          ("nonTrainable", .integer(cost.nonTrainableParameters)),
          ("total", .integer(cost.totalParameters)),
        ])
      ),
      ("multiplyAdds", .integer(cost.multiplyAdds)), ("layers", .list(layers)),
    ])
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
