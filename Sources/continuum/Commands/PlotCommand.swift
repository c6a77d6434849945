import Foundation
import Records
import Reports
import Settings

/// `plot`: the continuum curve, or the training curves, of a sweep.
enum PlotCommand: Command {
  /// What is drawn; the raw value also names the file.
  enum Kind: String, CaseIterable {
    case continuum
    case training = "training-curves"
  }
  enum Format: String, CaseIterable { case svg, png, pdf }

  static let name = "plot"
  static let summary = "accuracy against the spectrum, or training curves"
  static let operands = Operands(usage: "RESULTS", count: 1...1)
  static let options = [
    Option(
      name: "kind", value: "continuum|training-curves",
      summary: "the metric over the spectrum, or curves over epochs"),
    Option.format(Format.self),
    Option(name: "output", value: "FILE", summary: "where to (RESULTS/KIND.FORMAT)"),
    Option(name: "metric", value: "NAME", summary: "a final metric of the runs (test/top1)"),
  ]
  static let discussion = """
    RESULTS is the results folder of an experiment, or a folder of run files. gnuplot draws; the path
    written is printed. Without --format the ending of --output decides.
    """
  static let examples = [
    "continuum plot Results/quickstart",
    "continuum plot Results/quickstart --kind training-curves --output curves.png",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let kind = try arguments.choice("kind", default: Kind.continuum)
    let path = try outputPath(arguments, kind)
    guard kind == .continuum || !arguments.has("metric") else {
      throw arguments.error("metric", "must not stand beside --kind training-curves")
    }
    let records = try RunDirectory.reported(in: arguments.operands[0])
    switch kind {
    case .continuum:
      let metric = arguments.text("metric") ?? "test/top1"
      try Plot.continuum(records: records, metric: metric, to: path)
    case .training:
      try Plot.trainingCurves(records: records, to: path)
    }
    try Output.write("\(path)\n")
  }

  private static func outputPath(_ arguments: Arguments, _ kind: Kind) throws -> String {
    let format = try arguments.choice("format", default: Format.svg)
    guard let output = arguments.text("output") else {
      let folder = URL(fileURLWithPath: arguments.operands[0], isDirectory: true).relativePath
      return "\(folder)/\(kind.rawValue).\(format.rawValue)"
    }
    let ending = (output as NSString).pathExtension.lowercased()
    guard let own = Format(rawValue: ending) else {
      throw arguments.error("output", "must end in .svg, .png or .pdf")
    }
    guard !arguments.has("format") || own == format else {
      throw arguments.error("output", "must end in .\(format.rawValue), as --format says")
    }
    return output
  }
}
