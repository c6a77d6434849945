// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import ModelZoo
import Settings
import Tables

/// `match`: the widths at which the points of the spectrum cost the same.
enum Match: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  static let name = "match"
  static let summary = "widths at which networks cost the same"
  static let operands = Operands(usage: "NETWORK", count: 1...1)
  enum Flags {
    static let quantity = Flag(
      "quantity", default: Quantity.parameters, "what is to be equal", isRequired: true)
    static let target = Flag<String?>(
      "target", "N|NETWORK", "a number, or the network that has it", isRequired: true)
    static let segments = Flag<String?>(
      "segments", "LIST|all", "numbers of segments, e.g. 1,2,4; all: the whole spectrum")
    static let hold = Flag(
      "hold", default: BudgetMatching.Hold.segments, "what stays the same while the width changes")
    static let within = Flag<Double?>(
      "within", "FRACTION", in: 0.0001...1,
      "the largest mismatch, e.g. 0.01: stages get widths of their own where it is missed")
    static let batch = Flag(
      "batch", default: 64, in: 1...65_536, "images of a training step that is measured")
    static let rounds = Flag(
      "rounds", default: 15, in: 3...10_000, "steps of each network that are measured")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [
    Flags.quantity, Flags.target, Flags.segments, Flags.hold, Flags.within, Flags.batch,
    Flags.rounds, CommonFlags.input, CommonFlags.classes, Flags.format,
  ]
  static let discussion = """
    For every point the width, from 1 to 8192, whose count is closest to the target; of two equally
    close ones the narrower. Networks without a width have a widthMultiplier, which is then solved
    for in steps of 0.0001. Parameters are the trainable ones. \(Describe.countingRule)
    With --segments the network's block is replaced by segmented-inception of that many segments,
    and with `all` by that of every divisor of NETWORK's own width and by the ends of the spectrum;
    kernel and `between` stay as they are.
    With --hold segment-width every segment stays as wide as it is at NETWORK's own width, and the
    number of segments, which the table tells, follows; the ends of the spectrum (regular, extreme
    and separable) have no segments to hold and are matched as they are.

    --quantity milliseconds measures training steps here, by turns, and takes the width whose median is
    closest to so many, or to the median of a network that is measured with them. What a clock says is
    true of one machine and never the same twice, so that an experiment's budget cannot be a time: the
    networks that were found are printed for `vary`, and their widths are then part of what a run is.
      continuum match stack --quantity milliseconds --target stack --segments all --batch 128
    """
  static let examples = [
    "continuum match stack --quantity parameters --target 300000 --segments all",
    "continuum match xception-continuum --quantity parameters --target xception --segments all",
    "continuum match probe --quantity multiply-adds --target probe --segments 1,2,4",
    "continuum match probe --quantity milliseconds --target probe --segments 1,2 --batch 8 --rounds 3",
  ]

  static let computes = true

  /// What `--quantity` may say.
  enum Quantity: String, CaseIterable {
    case parameters
    case multiplyAdds = "multiply-adds"
    case activations, milliseconds
  }

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let network = try NetworkArgument(arguments.operands[0])
    if try arguments[Flags.quantity] == .milliseconds {
      return try MillisecondMatches(arguments, network, context).write(as: format)
    }
    for flag in [Flags.batch, Flags.rounds] where arguments.has(flag) {
      throw arguments.error(flag, "means nothing without --quantity milliseconds")
    }
    let request = try Request(arguments, for: network.description)
    let rows = try SpectrumPoint.points(of: network.description, arguments: arguments) { point in
      try request.match(point, in: network.source)
    }
    for row in rows where row.match.isWidest {
      context.console.note(
        "\(row.point.name): the search ends at \(row.match.axis.name) \(row.match.width.canonicalText)"
      )
    }
    switch format {
    case .json: try Output.write(json(rows, request).rendered)
    case .csv: try Output.write(machines(rows, request).rendered(as: .csv))
    case .markdown:
      try Output.write(
        table(rows, request).rendered(as: .markdown, width: Output.terminalWidth))
    case .latex: try Output.write(table(rows, request).rendered(as: .latex))
    case .text:
      try Output.write(
        "\(request.quantity.rawValue), target \(NumberText.grouped(request.target)), "
          + "\(request.input), \(request.classes) classes\n\n"
          + table(rows, request).rendered(as: .text, width: Output.terminalWidth))
    }
  }

  /// With titles that are no words but keys.
  private static func machines(_ rows: [SpectrumPoint.Row], _ request: Request) -> TextTable {
    var table = table(rows, request)
    let keys = ["multiply-adds": "multiplyAdds", "mismatch (%)": "mismatchPercent"]
    table.titles = table.titles.map { keys[$0] ?? $0 }
    return table
  }

  private static func table(_ rows: [SpectrumPoint.Row], _ request: Request) -> TextTable {
    var table = TextTable([
      "block", "segments", rows[0].match.axis.name, request.quantity.rawValue, "mismatch (%)",
    ])
    table.rows = rows.map { row in
      [
        .text(row.point.block), row.segments.map(TextTable.Cell.integer) ?? .empty,
        width(row.match), .integer(row.match.count),
        .number(100 * row.match.mismatch, decimals: 2, signed: true),
      ]
    }
    return table
  }

  /// The width, or those of the stages where they do not follow from it.
  static func width(_ match: BudgetMatching.Match) -> TextTable.Cell {
    let settings = match.network.settings
    if let widths = settings["stageWidths"] { return .text(widths.canonicalText) }
    if let stem = settings["stemWidth"] {
      return .text("\(match.width.canonicalText), stem \(stem.canonicalText)")
    }
    switch match.width {
    case .integer(let width): return .integer(width)
    case let width: return .text(width.canonicalText)
    }
  }

  private static func json(_ rows: [SpectrumPoint.Row], _ request: Request) -> JSONDocument {
    .object([
      ("quantity", .text(request.quantity.rawValue)), ("target", .integer(request.target)),
      ("input", .shape(request.input)), ("classes", .integer(request.classes)),
      (
        "points",
        .list(
          rows.map { row in
            .object([
              ("block", .text(row.point.block)),
              ("segments", .value(row.segments.map(JSON.integer) ?? .null)),
              (row.match.axis.name, .value(row.match.width)), ("count", .integer(row.match.count)),
              ("mismatch", .number(row.match.mismatch)),
              ("network", .value(row.match.network.settings)),
            ])
          })
      ),
    ])
  }
}

extension Match {
  /// What is asked of every point.
  struct Request {
    let quantity: BudgetMatching.Quantity
    let hold: BudgetMatching.Hold
    let within: Double?
    let input: Shape
    let classes: Int
    let target: Int

    init(_ arguments: Arguments, for network: NetworkDescription) throws {
      _ = try arguments.required(
        Flags.quantity, "must be parameters, multiply-adds, activations or milliseconds")
      quantity =
        try BudgetMatching.Quantity(rawValue: arguments[Flags.quantity].rawValue) ?? .parameters
      hold = try arguments[Flags.hold]
      within = try arguments[Flags.within]
      input = try arguments.inputShape(of: network)
      classes = try arguments.classCount(of: network)
      let text = try arguments.required(Flags.target, "must be a count or a network")
      if let count = Int(text) {
        guard count >= 1 else { throw arguments.error(Flags.target, "must be at least 1") }
        target = count
      } else if text.first?.isNumber == true {
        throw arguments.error(Flags.target, "must be a whole number or a network")
      } else {
        let reference = try NetworkArgument(text, role: "--target")
        target = quantity.count(try reference.graph(input: input, classes: classes).cost)
      }
    }

    func match(
      _ point: SpectrumPoint, in source: String
    ) throws(SettingsError) -> BudgetMatching.Match {
      do {
        return try BudgetMatching.closest(
          point.network,
          BudgetMatching.Budget(quantity, target: target, hold: hold, within: within),
          input: input, classes: classes)
      } catch {
        throw SettingsError(
          source: source, field: "", value: "", rule: "\(point.name): \(error)")
      }
    }
  }
}
