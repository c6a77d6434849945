// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reports

/// `rates`: how sensitive every arm is to its learning rate.
enum Rates: Command {
  static let name = "rates"
  static let summary = "accuracy over a grid of learning rates, and the expected best of k trials"
  static let operands = Operands(usage: "RESULTS…", count: 1...1000)
  enum Flags {
    static let over = Flag<String?>("over", "SETTING", "what the grid is of (learningRate)")
    static let metric = Flag<String?>("metric", "NAME", "an accuracy (validation/top1)")
    static let conditions = Flag(
      repeated: "where", "KEY=VALUE", "only what fulfils this, as in `table`")
    static let format = CommonFlags.format(default: EffectFormat.markdown)
    static let figure = Flag<String?>(
      "figure", "FILE", "also draw it (.svg, .png, .pdf or .tex), and print the path")
  }
  static let flags: [any AnyFlag] = [
    Flags.over, Flags.metric, Flags.conditions, Flags.format, Flags.figure,
  ]
  static let discussion = """
    RESULTS are as in `table`, of runs over a grid of learning rates: the same for every arm, with a
    validation set ("validation": 5000 under data), so that the test is not looked at. The table has a
    row an arm and a column a rate, says where the best rate is an end of its grid, and what the best
    of 1, 2, … trials is expected to be (Dodge et al. 2019), which compares arms at equal effort of
    search. `table --choose best:validation/top1 --over learningRate` takes each arm at its best rate.
    """
  static let examples = [
    "continuum rates Results/rates",
    "continuum rates Results/rates --figure rates.pdf",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let runs = try RunCollection(folders: arguments.operands)
    for damage in runs.damaged { context.console.note("left out: \(damage.description)") }
    var query = ResultQuery()
    query.metrics = [arguments[Flags.metric] ?? "validation/top1"]
    query.conditions = arguments[Flags.conditions]
    query.against = "none"
    let table = try RateTable(
      try ResultTable(runs, query: query), over: arguments[Flags.over] ?? "learningRate")
    if let figure = arguments[Flags.figure] {
      guard PlotFormat(path: figure) != nil else {
        throw arguments.error(Flags.figure, PlotFormat.rule)
      }
      try Plot.rates(table, to: figure)
      context.console.note("written: \(figure)")
    }
    try Output.write(table.rendered(as: format))
  }
}
