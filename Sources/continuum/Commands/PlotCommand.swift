// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Reports
import Settings

/// `plot`: the continuum curve or the training curves of a sweep, or the times of a comparison.
enum PlotCommand: Command {
  /// What is drawn.
  enum Kind: String, CaseIterable {
    case continuum
    case training = "training-curves"
    case speed

    /// What its file is called in a results folder, whoever draws it.
    var fileName: String {
      switch self {
      case .continuum: "continuum"
      case .training: "training"
      case .speed: "spectrum"
      }
    }
  }

  static let name = "plot"
  static let summary = "accuracy against the spectrum, or training curves"
  static let operands = Operands(usage: "RESULTS…", count: 1...10_000)
  enum Flags {
    static let kind = Flag(
      "kind", default: Kind.continuum,
      "the metric over the spectrum, curves over epochs, or Results/speed")
    static let format = CommonFlags.format(default: PlotFormat.svg)
    static let output = Flag<String?>(
      "output", "FILE", "where to (RESULTS/continuum.FORMAT, training.FORMAT)")
    static let metric = Flag(
      repeated: "metric", "NAME",
      "a final metric of the runs (test/top1), or the curves to draw")
    static let conditions = Flag(
      repeated: "where", "KEY=VALUE", "only what fulfils this, as in `table`")
    static let width = Flag<String?>("width", "LENGTH", "e.g. 8.5cm, 3.25in, cvpr-column (25.4cm)")
    static let height = Flag<String?>("height", "LENGTH", "as high as the width asks for")
    static let fontSize = Flag<String?>(
      "font-size", "PT", "9.75; 8 up to 20 cm of width, 7 up to 10 cm")
    static let noTitle = Flag("no-title", "neither title nor subtitle, for a figure with a caption")
  }
  static let flags: [any AnyFlag] = [
    Flags.kind, Flags.format, Flags.output, Flags.metric, Flags.conditions, Flags.width,
    Flags.height, Flags.fontSize, Flags.noTitle,
  ]
  static let discussion = """
    RESULTS is the results folder of an experiment, or a folder of run files; several are drawn as
    one. gnuplot draws; the path written is printed. Without --format the ending of --output decides.
    Without --output the figure takes the place of the one that `run` drew. That one shows everything
    in its folder at its usual size: --where, --metric, several RESULTS, and the options of size ask
    for a figure of another name, with --output.

    Failed runs are drawn among training curves, too: dashed, each to where it ended.

    Lengths are in cm, mm, in or pt; a plain number is in cm. Widths of templates have names:
    \(templates).
    PDF files embed their fonts. --format tikz writes a .tex file for \\input, whose text is set in
    the document's own font; the document needs \\usepackage{tikz} and \\usetikzlibrary{plotmarks}.
    """
  static let examples = [
    "continuum plot Results/quickstart",
    "continuum plot Results/quickstart --kind training-curves --output curves.png",
    "continuum plot Results/quickstart --where lambda=0 --output decoupled.svg",
    "continuum plot Results/quickstart --width cvpr-column --no-title --output figure.pdf",
    "continuum plot Results/quickstart --kind training-curves --metric test/top1 --output top1.svg",
  ]

  private static var templates: String {
    let names = PlotSize.templates.map { "\($0.name) (\($0.inches) in)" }
    return stride(from: 0, to: names.count, by: 4)
      .map { names[$0..<min($0 + 4, names.count)].joined(separator: ", ") }
      .joined(separator: ",\n")
  }

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let kind = try arguments[Flags.kind]
    let size = try size(arguments)
    let metrics = arguments[Flags.metric]
    guard kind != .continuum || metrics.count < 2 else {
      throw arguments.error(Flags.metric, "must stand once beside --kind continuum")
    }
    guard kind != .speed || metrics.isEmpty else {
      throw arguments.error(Flags.metric, "must not stand beside --kind speed")
    }
    let path = try outputPath(arguments, kind)
    switch kind {
    case .continuum:
      let table = try table(arguments, metrics: metrics, context)
      let notes = try Plot.continuum(
        table, title: try question(arguments), size: size, to: path)
      notes.forEach(context.console.note)
    case .training:
      let table = try table(arguments, metrics: [], context)
      let notes = try Plot.trainingCurves(
        table, curves: metrics.isEmpty ? nil : metrics, size: size, to: path)
      notes.forEach(context.console.note)
    case .speed:
      try drawSpeed(arguments, size, path)
    }
    try Output.write("\(path)\n")
  }

  /// The rows to draw.
  private static func table(
    _ arguments: Arguments, metrics: [String], _ context: Context
  ) throws -> ResultTable {
    let runs = try RunCollection(folders: arguments.operands)
    for damage in runs.damaged { context.console.note("left out: \(damage.description)") }
    var query = ResultQuery()
    query.metrics = metrics
    // What is drawn are means; comparisons take their time.
    query.against = "none"
    query.conditions = arguments[Flags.conditions]
    return try ResultTable(runs, query: query)
  }

  /// What was asked, where the folders hold the answer to one question; else nil.
  private static func question(_ arguments: Arguments) throws -> String? {
    let records = try arguments.operands.flatMap { try ExperimentRecord.all(in: $0) }
    let questions = Set(records.map(\.question))
    return questions.count == 1 ? questions.first { !$0.isEmpty } : nil
  }

  private static func drawSpeed(_ arguments: Arguments, _ size: PlotSize, _ path: String) throws {
    guard arguments.operands.count == 1 else {
      throw CommandError.refused(
        "--kind speed takes one RESULTS, not \(arguments.operands.count)")
    }
    let file = "\(arguments.operands[0])/measurements.json"
    guard let data = FileManager.default.contents(atPath: file) else {
      throw CommandError.refused(
        "\(file): cannot be read; --kind speed draws what `make peers` measured")
    }
    try Plot.speed(
      measurements: String(decoding: data, as: UTF8.self), source: file, size: size, to: path)
  }

  private static func size(_ arguments: Arguments) throws -> PlotSize {
    var size = PlotSize(hasTitle: !arguments.has(Flags.noTitle))
    size.width = try length(Flags.width, arguments)
    size.height = try length(Flags.height, arguments)
    if let text = arguments[Flags.fontSize] {
      let number = text.hasSuffix("pt") ? String(text.dropLast(2)) : text
      guard let points = Double(number), (4...40).contains(points) else {
        throw arguments.error(Flags.fontSize, "must be a number of points from 4 to 40, e.g. 8")
      }
      size.fontSize = points
    }
    return size
  }

  private static func length(_ flag: Flag<String?>, _ arguments: Arguments) throws -> Double? {
    guard let text = arguments[flag] else { return nil }
    guard let points = PlotSize.points(text) else {
      let names = PlotSize.templates.map(\.name)
      throw arguments.error(
        flag,
        "must be a length such as 8.5cm, 85mm, 3.25in, 252pt or 8.5 (cm), "
          + "or one of: \(names.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: text, among: names))
    }
    guard (72 / 2.54...7200).contains(points) else {
      throw arguments.error(flag, "must lie between 1 cm and 100 in")
    }
    return points
  }

  /// Checks that a figure without a name of its own is the usual one, whose place it takes.
  private static func checkIsWhole(_ arguments: Arguments, _ kind: Kind) throws {
    let changing: [any AnyFlag] = [
      Flags.conditions, Flags.metric, Flags.width, Flags.height, Flags.fontSize, Flags.noTitle,
    ]
    let used = changing.first(where: arguments.has)
    guard
      let cause = used.map({ "--\($0.name)" })
        ?? (arguments.operands.count > 1 ? "several RESULTS" : nil)
    else { return }
    throw CommandError.refused(
      "a figure with \(cause) is not the one that \(arguments.operands[0]) keeps as "
        + "\(kind.fileName); name another with --output, e.g. --output figure.svg")
  }

  private static func outputPath(_ arguments: Arguments, _ kind: Kind) throws -> String {
    let format = try arguments[Flags.format]
    guard let output = arguments[Flags.output] else {
      try checkIsWhole(arguments, kind)
      let folder = URL(fileURLWithPath: arguments.operands[0], isDirectory: true).relativePath
      return "\(folder)/\(kind.fileName).\(format.ending)"
    }
    guard let own = PlotFormat(path: output) else {
      throw arguments.error(Flags.output, PlotFormat.rule)
    }
    guard !arguments.has(Flags.format) || own == format else {
      throw arguments.error(Flags.output, "must end in .\(format.ending), as --format says")
    }
    return output
  }
}
