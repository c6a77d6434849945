import Records
import Reports

/// `table`: the results of a sweep, rebuilt from its run files alone.
enum Table: Command {
  static let name = "table"
  static let summary = "the results of a sweep as a table"
  static let operands = Operands(usage: "RESULTS", count: 1...1)
  static let options = [
    Option.format(TableFormat.self),
    Option(name: "metric", value: "NAME", summary: "a final metric of the runs (test/top1)"),
    Option(
      name: "against", value: "BLOCK",
      summary: "add the differences to this block, seed by seed, with their intervals"),
  ]
  static let discussion = """
    RESULTS is the results folder of an experiment, or a folder of run files. ± is a 95 % confidence
    interval over seeds (Student's t); no row is ever marked as best.
    """
  static let examples = [
    "continuum table Results/quickstart",
    "continuum table Results/quickstart --against regular-conv",
    "continuum table Results/quickstart --format latex --metric test/loss",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: TableFormat.markdown)
    let records = try RunDirectory.reported(in: arguments.operands[0])
    let metric = arguments.text("metric") ?? "test/top1"
    let table = try ResultTable(
      records: records, metric: metric, against: arguments.text("against"))
    try Output.write(table.rendered(as: format))
  }
}
