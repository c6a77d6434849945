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
  static let options = [
    Option(
      name: "quantity", value: "parameters|multiply-adds", summary: "what is to be equal",
      isRequired: true),
    Option(
      name: "target", value: "N|NETWORK", summary: "a count, or the network that has it",
      isRequired: true),
    Option(
      name: "segments", value: "LIST|all",
      summary: "numbers of segments, e.g. 1,2,4; all: the whole spectrum"),
    Option(
      name: "hold", value: "segments|segment-width",
      summary: "what stays the same while the width changes"),
    Option.input, Option.classes, Option.format(Format.self),
  ]
  static let discussion = """
    For every point the width, from 1 to 8192, whose count is closest to the target; of two equally
    close ones the narrower. Parameters are the trainable ones. \(Describe.countingRule)
    With --segments the network's block is replaced by segmented-inception of that many segments,
    and with `all` by that of every divisor of NETWORK's own width and by the ends of the spectrum;
    kernel and `between` stay as they are.
    With --hold segment-width every segment stays as wide as it is at NETWORK's own width, and the
    number of segments, which the table tells, follows; the ends of the spectrum (regular, extreme
    and separable) have no segments to hold and are matched as they are.
    """
  static let examples = [
    "continuum match stack --quantity parameters --target 300000 --segments all",
    "continuum match xception-continuum --quantity parameters --target xception --segments all",
    "continuum match probe --quantity multiply-adds --target probe --segments 1,2,4",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: Format.text)
    let network = try NetworkArgument(arguments.operands[0])
    let request = try Request(arguments, for: network.description)
    let rows = try SpectrumPoint.points(of: network.description, arguments: arguments) { point in
      try request.match(point, in: network.source)
    }
    for row in rows where row.match.width == BudgetMatching.widths.upperBound {
      context.console.note("\(row.point.name): the search ends at width \(row.match.width)")
    }
    switch format {
    case .json: try Output.write(json(rows, request).rendered)
    case .csv: try Output.write(table(rows, request).rendered(as: .csv))
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

  private static func table(_ rows: [SpectrumPoint.Row], _ request: Request) -> TextTable {
    var table = TextTable([
      "block", "segments", "width", request.quantity.rawValue, "mismatch (%)",
    ])
    table.rows = rows.map { row in
      [
        .text(row.point.block), row.segments.map(TextTable.Cell.integer) ?? .empty,
        .integer(row.match.width), .integer(row.match.count),
        .number(100 * row.match.mismatch, decimals: 2, signed: true),
      ]
    }
    return table
  }

  private static func json(_ rows: [SpectrumPoint.Row], _ request: Request) -> OrderedJSON {
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
              ("width", .integer(row.match.width)), ("count", .integer(row.match.count)),
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
    let input: Shape
    let classes: Int
    let target: Int

    init(_ arguments: Arguments, for network: NetworkDescription) throws {
      _ = try arguments.required("quantity", "must be parameters or multiply-adds")
      quantity = try arguments.choice("quantity", default: .parameters)
      hold = try arguments.choice("hold", default: .segments)
      input = try arguments.inputShape(of: network)
      classes = try arguments.classCount(of: network)
      let text = try arguments.required("target", "must be a count or a network")
      if let count = Int(text) {
        guard count >= 1 else { throw arguments.error("target", "must be at least 1") }
        target = count
      } else if text.first?.isNumber == true {
        throw arguments.error("target", "must be a whole number or a network")
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
          point.network, quantity: quantity, target: target, input: input, classes: classes,
          hold: hold)
      } catch {
        throw SettingsError(
          source: source, field: "", value: "", rule: "\(point.name): \(error)")
      }
    }
  }
}
