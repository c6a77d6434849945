import Foundation
import Records
import Reports

/// `table`: the results of sweeps, rebuilt from their run files alone.
enum Table: Command {
  static let name = "table"
  static let summary = "the results of sweeps as a table"
  static let operands = Operands(usage: "RESULTS…", count: 1...1000)
  static let options = [
    Option.format(TableFormat.self),
    Option(
      name: "metric", value: "NAME",
      summary: "train, validation or test, / and loss, top1 or top5 (test/top1)",
      isRepeatable: true),
    Option(
      name: "against", value: "ROW|none",
      summary: "add the differences to this row, seed by seed (the experiment's reference)"),
    Option(name: "best", summary: "name the rows that cannot be told from the best one"),
    Option(
      name: "where", value: "KEY=VALUE",
      summary: "only what fulfils this; also !=, <, >, <=, >=; A,B: either", isRepeatable: true),
    Option(
      name: "columns", value: "A,B,…",
      summary: "these columns, in this order (minus: those of --against)"),
    Option(
      name: "sort", value: "COLUMN", summary: "the least first; -COLUMN: the greatest first",
      isRepeatable: true),
    Option(
      name: "choose", value: "best:METRIC",
      summary: "of every arm only the row that is best by this metric"),
    Option(
      name: "over", value: "SETTING", summary: "what --choose chooses", isRepeatable: true),
    Option(
      name: "output", value: "FILE",
      summary: "write there (.md, .csv, .tex, .json), and print the path"),
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
    if let output = arguments.text("output") { try checkOutput(output, arguments) }
    let format = try format(arguments)
    let query = try query(arguments, format)
    let runs = try RunCollection(folders: arguments.operands)
    for damage in runs.damaged { context.console.note("left out: \(damage.description)") }
    let table = try ResultTable(runs, query: query)
    if format == .latex, let warning = table.latexWarning { context.console.note(warning) }
    guard let output = arguments.text("output") else {
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
    let asked = try arguments.choice("format", default: TableFormat.markdown)
    guard let output = arguments.text("output") else { return asked }
    let ending = URL(fileURLWithPath: output).pathExtension.lowercased()
    let formats = endings[ending] ?? []
    guard arguments.has("format") else {
      guard let format = formats.first else {
        throw arguments.error(
          "output", "must end in .md, .csv, .tex or .json, or stand beside --format")
      }
      return format
    }
    guard formats.isEmpty || formats.contains(asked) else {
      throw arguments.error(
        "output", "must not end in .\(ending) beside --format \(asked.rawValue)")
    }
    return asked
  }

  /// What a file of an ending may hold, first what it holds unless told otherwise.
  private static let endings: [String: [TableFormat]] = [
    "md": [.markdown], "csv": [.csv, .csvRuns], "tex": [.latex], "json": [.json],
  ]

  private static func query(_ arguments: Arguments, _ format: TableFormat) throws -> ResultQuery {
    var query = ResultQuery()
    query.metrics = arguments.texts("metric").reduce(into: []) { metrics, metric in
      if !metrics.contains(metric) { metrics.append(metric) }
    }
    query.against = arguments.text("against")
    query.best = arguments.has("best")
    query.conditions = arguments.texts("where")
    query.columns =
      arguments.text("columns")?.split(separator: ",").map {
        $0.trimmingCharacters(in: .whitespaces)
      } ?? []
    query.sort = arguments.texts("sort")
    query.choice = arguments.text("choose")
    query.over = arguments.texts("over").flatMap { $0.split(separator: ",").map(String.init) }
    query.defaults = SettingDefaults.value
    query.rowsAreRuns = format == .csvRuns
    guard format == .csvRuns else { return query }
    for (option, reason) in [
      ("columns", "which has every column"), ("metric", "which has every metric"),
      ("against", "which has single runs and no differences"),
    ] where arguments.has(option) {
      throw arguments.error(option, "must not stand beside --format csv-runs, \(reason)")
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
        "output", "must be another file than those that the table is made from, and no .h5")
    }
    let folder = PathName.folder(of: path)
    guard FileManager.default.fileExists(atPath: folder) else {
      throw arguments.error("output", "must lie in a folder that is there; \(folder) is not")
    }
  }
}
