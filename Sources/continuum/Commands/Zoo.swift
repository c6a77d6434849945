// SPDX-License-Identifier: Apache-2.0

import ModelZoo
import Tables

/// `zoo`: the blocks and networks, with where in the paper they stand.
enum Zoo: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  static let name = "zoo"
  static let summary = "blocks and networks"
  static let operands = Operands.none
  enum Flags {
    static let costs = Flag("costs", "what each costs: networks as published, blocks alone")
    static let batch = Flag(
      "batch", default: 32, in: 1...65_536, "images of the memory that --costs tells")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [Flags.costs, Flags.batch, Flags.format]
  static let discussion = """
    With --costs the networks have the images and classes that they are published with, in the
    columns of `continuum describe A B C`; csv has the networks alone. Without, the formats are text
    and json.
    Notation: [a → b] is b after a, ∥ stands between towers that are concatenated; `between` is what
    stands between the two operations: none, relu, elu, bn or bn-relu.
    Networks: widthMultiplier scales all published widths; small adapts the stem (VGG-16: the fully
    connected layers) to images of about 32×32; fullyConnected are the widths of dense layers before
    the classifier; residual false leaves the shortcuts out. Sources/ModelZoo/README.md says more.
    """
  static let examples = [
    "continuum zoo", "continuum zoo --format json",
    "continuum zoo --costs --batch 16 --format markdown",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    if arguments.has(Flags.costs) { return try writeCosts(arguments, context) }
    guard !arguments.has(Flags.batch) else {
      throw CommandError.refused("--batch is of the memory that --costs tells; give both")
    }
    switch try arguments[Flags.format] {
    case .text: try Output.write(text())
    case .json: try Output.write(json().rendered)
    case .csv, .markdown, .latex:
      throw arguments.error(Flags.format, "must be text or json without --costs")
    }
  }

  private static func text() throws -> String {
    var blocks = TextTable(["block", "source", "notation", "options"])
    blocks.rows = BlockZoo.all.map { block in
      [block.key, "\(block.source)", block.summary, options(of: block).joined(separator: ", ")]
        .map(TextTable.Cell.text)
    }
    var networks = TextTable(["network", "source", "what", "options"])
    networks.rows = try NetworkZoo.all.map { network in
      [
        network.key, "\(network.source)", network.summary,
        try options(of: network).joined(separator: ", "),
      ].map(TextTable.Cell.text)
    }
    let width = Output.terminalWidth
    return blocks.rendered(as: .text, width: width) + "\n"
      + networks.rendered(as: .text, width: width)
  }

  private static func json() throws -> JSONDocument {
    try .object([
      (
        "blocks",
        .list(
          BlockZoo.all.map { block in
            .object([
              ("key", .text(block.key)), ("notation", .text(block.summary)),
              ("source", .text("\(block.source)")), ("options", .texts(options(of: block))),
            ])
          })
      ),
      (
        "networks",
        .list(
          NetworkZoo.all.map { network in
            try .object([
              ("key", .text(network.key)), ("summary", .text(network.summary)),
              ("source", .text("\(network.source)")), ("options", .texts(options(of: network))),
            ])
          })
      ),
    ])
  }

  /// What a file can say of the network, beside the constants that all have.
  private static func options(of network: any Network.Type) throws -> [String] {
    try NetworkDescription(.string(network.key), source: network.key).options
  }

  /// What a file can say of the block beside its `kind`; the network decides filters and stride.
  private static func options(of block: any Block.Type) -> [String] {
    block.allOptions.map(\.name)
  }
}
