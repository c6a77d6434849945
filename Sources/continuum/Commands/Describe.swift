// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Tables

/// `describe`: the layer table of a network and what it costs, all derived from its graph; of
/// several networks, one row each.
enum Describe: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex, dot }

  static let name = "describe"
  static let summary = "layers, parameters and multiply-adds of a network"
  static let operands = Operands(usage: "NETWORK [NETWORK…]", count: 1...10_000)
  enum Flags {
    static let batch = Flag(
      "batch", default: 32, in: 1...65_536,
      "images of the training step whose memory is told")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [
    CommonFlags.input, CommonFlags.classes, Flags.batch, Flags.format,
  ]
  static let discussion = """
    NETWORK is a name that `continuum zoo` lists, a JSON file, or JSON that begins with {. Several
    networks are one table, a row each, without their layers.
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
    "continuum describe xception inception-v3 resnet152 --batch 16 --format latex",
  ]

  /// The rule that all our counts follow.
  static let countingRule =
    "Multiply-adds: one image's forward pass, convolutions and dense layers; nothing else counts."

  static let activationRule =
    "Activations: the numbers that convolutions write for one image."

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let batch = try arguments[Flags.batch]
    guard arguments.operands.count > 1 else {
      let (graph, memory) = try described(arguments.operands[0], batch, arguments, context).costs
      return try Output.write(rendered(graph, memory, as: format))
    }
    guard let several = NetworkCosts.Format(rawValue: format.rawValue) else {
      throw arguments.error(Flags.format, "draws one network; name one")
    }
    let rows = try arguments.operands.map { operand in
      let (network, costs) = try described(operand, batch, arguments, context)
      return NetworkCosts.Row(name: network.title, costs.0, costs.1)
    }
    try Output.write(NetworkCosts(rows: rows, batch: batch).rendered(as: several))
  }

  private static func described(
    _ operand: String, _ batch: Int, _ arguments: Arguments, _ context: Context
  ) throws -> (network: NetworkArgument, costs: (Graph, BatchMemory)) {
    let network = try NetworkArgument(operand)
    let input = try arguments.inputShape(of: network.description)
    let graph = try network.graph(
      input: input, classes: arguments.classCount(of: network.description))
    return (network, (graph, try BatchMemory(graph, batch: batch, arguments, context)))
  }

  /// What a process takes that trains with SGD and momentum, or infers, at a batch size.
  struct BatchMemory {
    let batch: Int
    let training, inference: Int

    init(_ graph: Graph, batch: Int, _ arguments: Arguments, _ context: Context) throws {
      try arguments.checkBatch(batch, Flags.batch, of: graph.inputShape)
      self.batch = batch
      let step = MemoryDemand(graph, mode: .training, batch: batch, threads: context.threads)
      training = MemoryDemand.sum([step.bytes, MemoryDemand.processBytes])
      // The weights are there until they are folded.
      inference = MemoryDemand.sum([
        FoldedNetwork.bytes(graph, batch: batch, threads: context.threads), step.parameterBytes,
        MemoryDemand.processBytes,
      ])
    }

    /// For JSON.
    var fields: [(String, JSONDocument)] {
      func demand(_ bytes: Int) -> JSONDocument {
        .object([("batch", .integer(batch)), ("memoryBytes", .integer(bytes))])
      }
      return [("training", demand(training)), ("inference", demand(inference))]
    }
  }
}
