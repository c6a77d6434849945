import Engine
import ModelZoo
import Tables

/// `describe`: the layer table of a network and what it costs, all derived from its graph.
enum Describe: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex, dot }

  static let name = "describe"
  static let summary = "layers, parameters and multiply-adds of a network"
  static let operands = Operands(usage: "NETWORK", count: 1...1)
  static let options = [
    Option.input, Option.classes,
    Option(
      name: "batch", value: "N", summary: "images of the training step whose memory is told (32)"),
    Option.format(Format.self),
  ]
  static let discussion = """
    NETWORK is a name that `continuum zoo` lists, a JSON file, or JSON that begins with {.
    \(countingRule)
    \(activationRule)
    Training memory: what a step of --batch images takes at its peak, with the weights and SGD's
    momentum; it is planned, so it is known without taking any. What takes more than is free is
    refused by bench, train and run, with a batch that fits.
    The format dot is for Graphviz: ops are nodes, values are edges.
    """
  static let examples = [
    "continuum describe stack",
    "continuum describe '{\"network\": \"stack\", \"width\": 32, "
      + "\"block\": {\"kind\": \"segmented-inception\", \"segments\": 4, \"between\": \"relu\"}}'",
    "continuum describe xception --batch 8",
    "continuum describe probe --input 16x16x8 --classes 8 --format json",
  ]

  /// The rule that all our counts follow.
  static let countingRule =
    "Multiply-adds: one image's forward pass, convolutions and dense layers; nothing else counts."

  static let activationRule =
    "Activations: the numbers that convolutions write for one image."

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: Format.text)
    let batch = try arguments.integer("batch", in: 1...65_536) ?? 32
    let network = try NetworkArgument(arguments.operands[0])
    let input = try arguments.inputShape(of: network.description)
    let graph = try network.graph(
      input: input, classes: arguments.classCount(of: network.description))
    let memory = try BatchMemory(graph, batch: batch, arguments, context)
    try Output.write(rendered(graph, memory, as: format))
  }

  /// What a process takes that trains with SGD and momentum, or infers, at a batch size.
  struct BatchMemory {
    let batch: Int
    let training, inference: Int

    init(_ graph: Graph, batch: Int, _ arguments: Arguments, _ context: Context) throws {
      try arguments.checkBatch(batch, of: graph.inputShape)
      self.batch = batch
      let step = MemoryDemand(graph, mode: .training, batch: batch, threads: context.threads)
      training = MemoryDemand.sum([step.bytes, MemoryDemand.processBytes])
      // The weights are there until they are folded.
      inference = MemoryDemand.sum([
        FoldedNetwork.bytes(graph, batch: batch, threads: context.threads), step.parameterBytes,
        MemoryDemand.processBytes,
      ])
    }
  }

  private static func rendered(
    _ graph: Graph, _ memory: BatchMemory, as format: Format
  ) -> String {
    switch format {
    case .text: text(graph, memory)
    case .json: json(graph, memory).rendered
    case .csv: table(graph).rendered(as: .csv)
    case .markdown:
      table(graph).rendered(as: .markdown) + "\n"
        + notes(graph, memory).map { "- \($0)\n" }.joined()
    case .latex:
      notes(graph, memory).map { "% \($0)\n" }.joined() + table(graph).rendered(as: .latex)
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
    return "\(graph.name), \(graph.inputShape), \(graph.outputShape.channels) classes\n\n"
      + table(graph).rendered(as: .text) + "\n" + lines.joined(separator: "\n")
      + "\n\n\(countingRule)\n\(activationRule)\n"
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

  private static func json(_ graph: Graph, _ memory: BatchMemory) -> OrderedJSON {
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
      ("multiplyAdds", .integer(cost.multiplyAdds)), ("activations", .integer(cost.activations)),
      (
        "training",
        .object([("batch", .integer(memory.batch)), ("memoryBytes", .integer(memory.training))])
      ),
      (
        "inference",
        .object([("batch", .integer(memory.batch)), ("memoryBytes", .integer(memory.inference))])
      ),
      ("layers", .list(layers)),
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
