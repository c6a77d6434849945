// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Reports

/// `table`: the results of sweeps, rebuilt from their run files alone.
enum Table: Command {
  static let name = "table"
  static let summary = "the results of sweeps as a table"
  static let operands = Operands(usage: "RESULTS…", count: 1...1000)
  enum Flags {
    static let format = CommonFlags.format(default: TableFormat.markdown)
    static let metric = Flag(
      repeated: "metric", "NAME",
      "train, validation or test, / and loss, top1 or top5 (test/top1)")
    static let against = Flag<String?>(
      "against", "ROW|none",
      "add the differences to this row, seed by seed (the experiment's reference)")
    static let best = Flag("best", "name the rows that cannot be told from the best one")
    static let conditions = Flag(
      repeated: "where", "KEY=VALUE",
      "only what fulfils this; also !=, <, >, <=, >=; A,B: either")
    static let columns = Flag<String?>(
      "columns", "A,B,…", "these columns, in this order (minus: those of --against)")
    static let sort = Flag(
      repeated: "sort", "COLUMN", "the least first; -COLUMN: the greatest first")
    static let choose = Flag<String?>(
      "choose", "best:METRIC", "of every arm only the row that is best by this metric")
    static let over = Flag(repeated: "over", "SETTING", "what --choose chooses")
    static let output = Flag<String?>(
      "output", "FILE", "write there (.md, .csv, .tex, .json), and print the path")
  }
  static let flags: [any AnyFlag] = [
    Flags.format, Flags.metric, Flags.against, Flags.best, Flags.conditions, Flags.columns,
    Flags.sort, Flags.choose, Flags.over, Flags.output,
  ]
  static let discussion = """
    RESULTS are results folders, folders of run files, or run files; a run in several of them counts
    once. One row is one configuration without its seed, whoever asked for it. ± is a 95 %
    confidence interval over seeds (Student's t); no row is ever marked as the best one.

    Differences to the row that the experiment names as its reference, or --against does, have
    intervals over seeds and test images, from the predictions in the run files: for one comparison
    alone, and for all at once (Dunnett), by which several rows are to be judged. --best names the
    set of rows that cannot be told from the best (Tukey). Under the table stands which difference
    these seeds find with a probability of 80 %.

    A KEY is a setting by its path or its last parts (training.optimizer.learningRate, learningRate;
    a kind by its section, too: optimizer, optimizer.kind), a metric (test/top1; accuracies are
    fractions), seed, folder, or another column: name, block, segments, width, parameters,
    multiplyAdds, budget, mismatch (a fraction, too: 0.01 is 1 %), n, failed, ms/step. A metric in
    --where is the mean over a row's seeds; beside --format csv-runs it is the run's own, and so is
    the order. A VALUE of several with commas between is any of them; none, or —, is what is absent.

    A ROW is a block or a name, conditions, or both, with commas between; rows are paired with it at
    equal budget and equal settings, but for those that the ROW names, those that a named block
    brings along and those that all rows of a name share.

    --choose picks by a metric of the validation set, of every arm the best, over the mean of its
    seeds, and the table reports the test of what it picked; a row with a failed run never wins:
      continuum table RESULTS --choose best:validation/top1 --over learningRate
    csv-runs has one line a run, with every setting and every metric, for pandas and R.
    """
  static let examples = [
    "continuum table Results/quickstart",
    "continuum table Results/quickstart --against 'segmented-inception,segments=4'",
    "continuum table Results/quickstart --best --where lambda=0",
    "continuum table Results/quickstart --where lambda=0 --metric test/top1 --metric test/loss",
    "continuum table Results/quickstart --columns block,segments,n,test/top1 --sort -test/top1",
    "continuum table Results/quickstart --format csv-runs --output runs.csv",
    "continuum table Results/quickstart --output table.tex",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    if let output = arguments[Flags.output] { try checkOutput(output, arguments) }
    let format = try format(arguments)
    let query = try query(arguments, format)
    let runs = try RunCollection(folders: arguments.operands)
    for damage in runs.damaged { context.console.note("left out: \(damage.description)") }
    let table = try ResultTable(runs, query: query)
    if format == .latex, let warning = table.latexWarning { context.console.note(warning) }
    guard let output = arguments[Flags.output] else {
      let text =
        format == .markdown
        ? table.markdown(folded: Output.terminalWidth) : table.rendered(as: format)
      return try Output.write(text)
    }
    try Output.write(table.rendered(as: format), toFile: output)
    try Output.write("\(output)\n")
  }

  /// As `--format` says, or else the ending of `--output`.
  private static func format(_ arguments: Arguments) throws -> TableFormat {
    let asked = try arguments[Flags.format]
    guard let output = arguments[Flags.output] else { return asked }
    let ending = URL(fileURLWithPath: output).pathExtension.lowercased()
    let formats = endings[ending] ?? []
    guard arguments.has(Flags.format) else {
      guard let format = formats.first else {
        throw arguments.error(
          Flags.output, "must end in .md, .csv, .tex or .json, or stand beside --format")
      }
      return format
    }
    guard formats.isEmpty || formats.contains(asked) else {
      throw arguments.error(
        Flags.output, "must not end in .\(ending) beside --format \(asked.rawValue)")
    }
    return asked
  }

  /// What a file of an ending may hold, first what it holds unless told otherwise.
  private static let endings: [String: [TableFormat]] = [
    "md": [.markdown], "csv": [.csv, .csvRuns], "tex": [.latex], "json": [.json],
  ]

  private static func query(_ arguments: Arguments, _ format: TableFormat) throws -> ResultQuery {
    var query = ResultQuery()
    query.metrics = arguments[Flags.metric].reduce(into: []) { metrics, metric in
      if !metrics.contains(metric) { metrics.append(metric) }
    }
    query.against = arguments[Flags.against]
    query.best = arguments.has(Flags.best)
    query.conditions = arguments[Flags.conditions]
    query.columns =
      arguments[Flags.columns]?.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      } ?? []
    query.sort = arguments[Flags.sort]
    query.choice = arguments[Flags.choose]
    query.over = arguments[Flags.over].flatMap { $0.split(separator: ",").map(String.init) }
    query.defaults = SettingDefaults.value
    query.rowsAreRuns = format == .csvRuns
    guard format == .csvRuns else { return query }
    let refused: [(any AnyFlag, reason: String)] = [
      (Flags.columns, "which has every column"), (Flags.metric, "which has every metric"),
      (Flags.against, "which has single runs and no differences"),
    ]
    for (flag, reason) in refused where arguments.has(flag) {
      throw arguments.error(flag, "must not stand beside --format csv-runs, \(reason)")
    }
    return query
  }

  /// Checks that a table takes the place of nothing that it was made from.
  private static func checkOutput(_ path: String, _ arguments: Arguments) throws {
    func place(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    let folders = arguments.operands
    let inputs =
      try folders + folders.flatMap { try RunDirectory.files(in: $0) }
      + folders.flatMap { ExperimentRecord.files(in: RunDirectory.results(of: $0)) }
    guard !inputs.map(place).contains(place(path)), !path.hasSuffix(".h5") else {
      throw arguments.error(
        Flags.output, "must be another file than those that the table is made from, and no .h5")
    }
    let folder = PathName.folder(of: path)
    guard FileManager.default.fileExists(atPath: folder) else {
      throw arguments.error(Flags.output, "must lie in a folder that is there; \(folder) is not")
    }
  }
}
