// SPDX-License-Identifier: Apache-2.0

import Foundation
import Reports

/// `effects`: what several arms say together.
enum Effects: Command {
  static let name = "effects"
  static let summary = "slopes, interactions, and where an effect changes its sign"
  static let operands = Operands(usage: "RESULTS…", count: 1...1000)
  enum Flags {
    static let slope = Flag<String?>(
      "slope", "SETTING",
      "the slope over it (segmentWidth: by doublings), for each value of the other settings")
    static let interaction = Flag<String?>(
      "interaction", "A,B", "what A does at one value of B, less what it does at the other")
    static let metric = Flag<String?>("metric", "NAME", "as in `table` (test/top1)")
    static let conditions = Flag(
      repeated: "where", "KEY=VALUE", "only what fulfils this, as in `table`")
    static let format = CommonFlags.format(default: EffectFormat.markdown)
  }
  static let flags: [any AnyFlag] = [
    Flags.slope, Flags.interaction, Flags.metric, Flags.conditions, Flags.format,
  ]
  static let discussion = """
    RESULTS are as in `table`. --slope fits a line through the rows that differ in nothing else, and
    gives its slope with a 95 % interval over seeds and test images; beside several lines on one test
    set also the differences of their slopes, and where one line crosses another (the sign-flip point)
    with Fieller's interval. Lines of several values of a number, as λ, give the value at which the
    slope changes its sign. segmentWidth, segments and width are taken by doublings (log2). --interaction
    takes two settings of two values each; --where leaves others out.
    """
  static let examples = [
    "continuum effects Results/quickstart --slope segmentWidth",
    "continuum effects Results/quickstart --slope segmentWidth --format csv",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let question = try question(arguments)
    let runs = try RunCollection(folders: arguments.operands)
    for damage in runs.damaged { context.console.note("left out: \(damage.description)") }
    var query = ResultQuery()
    query.metrics = arguments[Flags.metric].map { [$0] } ?? []
    query.conditions = arguments[Flags.conditions]
    query.against = "none"
    let table = try EffectTable(try ResultTable(runs, query: query), question)
    try Output.write(table.rendered(as: format))
  }

  private static func question(_ arguments: Arguments) throws -> EffectTable.Question {
    switch (arguments[Flags.slope], arguments[Flags.interaction]) {
    case (let setting?, nil): return .slope(setting)
    case (nil, let pair?):
      let names = pair.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
      guard names.count == 2, names[0] != names[1] else {
        throw arguments.error(Flags.interaction, "must be two settings with a comma between them")
      }
      return .interaction(names[0], names[1])
    default:
      throw CommandError.refused(
        "effects needs one of --slope SETTING and --interaction A,B, as in --slope segmentWidth")
    }
  }
}
