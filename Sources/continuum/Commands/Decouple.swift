// SPDX-License-Identifier: Apache-2.0

import Decoupling
import Reports
import Settings
import Tables
import Weights

/// `decouple`: how separable the spatial kernels of trained networks have become.
enum Decouple: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  static let name = "decouple"
  static let summary = "how separable the kernels of trained networks have become"
  static let operands = Operands(usage: "[FILE…]", count: 0...10_000)
  enum Flags {
    static let segmentWidths = Flag<String?>(
      "segment-widths", "LIST",
      "also the best fit by segments of so many outputs, e.g. 2,4,8")
    static let calibration = Flag<String?>(
      "calibration", "RESULTS",
      "also the λ of `coupling` that kernels read like; without FILE, the curve itself")
    static let conditions = Flag(
      repeated: "where", "KEY=VALUE", "calibrate by what fulfils this alone, as in `table`")
    static let epochs = Flag(
      "epochs",
      "over epochs: FILEs are what runs with --keep-epochs kept, and stages are the rows")
    static let mean = Flag("mean", "one row a layer: the mean over the files, of several seeds say")
    static let format = CommonFlags.format(default: Format.text)
    static let figure = Flag<String?>(
      "figure", "FILE",
      "also draw it (.svg, .png, .pdf or .tex): layer by layer, or the curve")
  }
  static let flags: [any AnyFlag] = [
    Flags.segmentWidths, Flags.calibration, Flags.conditions, Flags.epochs, Flags.mean,
    Flags.format, Flags.figure,
  ]
  static let discussion = """
    FILE holds weights: a run file that kept them, a weight file of ours or of Keras. For every spatial
    kernel, the share of its energy that the nearest kernel of a block could write:
    per output: one spatial filter times one mixture of channels for every output (extreme Inception);
    per input: one spatial filter for every input channel (depthwise separable convolution);
    segments: as many mixtures of channels for a segment as it has outputs (segmented Inception); which
    outputs share a segment is chosen greedily.
    1 is a kernel that the block could write exactly. Random kernels read more than 0: every share stands
    beside its null, the mean over kernels of independent normal numbers of the same shape.
    The effective rank is the number of spatial filters that a filter is made of (Roy and Vetterli, 2007).
    Depthwise kernels are separable by their making and are left out.

    --calibration takes the runs of a results folder that trained regular convolutions on `coupling`
    and kept their weights (`run coupling --keep-weights`): how decoupled their images were is known,
    λ = 0 to 1. The share per output above its null, (share − null) / (1 − null), falls with λ; the λ
    whose kernels would read like the one at hand stands beside it with a 95 % interval (inverse
    prediction, for a further kernel or, with --mean, the mean of several). It says like which textures
    a kernel reads, not what its images are: other data, depths and widths train otherwise. Under the
    table a sentence for every stage says the same of the mean over its kernels, whose interval counts a
    file once, however many layers it has.

    Runs with --keep-epochs keep their weights after some epochs; --epochs then tells, and --figure
    draws, when their stages become separable:
      continuum run SWEEP --keep-epochs 1,2,4,8,16
      continuum decouple Results/SWEEP/weights/*/*.h5 --epochs --figure epochs.pdf
    """
  static let examples = [
    "continuum decouple regular.h5",
    "continuum decouple regular.h5 --segment-widths 2,4,8 --format csv",
    "continuum decouple --calibration Results/coupling --figure curve.pdf",
    "continuum decouple seed0.h5 seed1.h5 seed2.h5 --mean --calibration Results/coupling",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    var nulls = NullReadings(segmentWidths: try segmentWidths(arguments))
    guard !arguments.has(Flags.epochs) || !arguments.has(Flags.mean) else {
      throw CommandError.refused(
        "--epochs takes the mean of a stage's kernels; --mean is one too many")
    }
    let calibration = try calibration(arguments, context, &nulls)
    if arguments.operands.isEmpty {
      guard let calibration else {
        throw CommandError.refused("FILE is missing, or --calibration RESULTS; usage: \(usage)")
      }
      try draw(DecouplingFigure.curve(calibration), arguments, context)
      return try write(calibration.table, calibration.data, calibration.json, as: format)
    }
    let rows = try rows(arguments, context, &nulls)
    guard !arguments.has(Flags.epochs) else {
      let epochs = try DecouplingEpochs(rows, calibration?.curve)
      try draw(epochs.figure, arguments, context)
      return try write(epochs.readable, epochs.data, epochs.json, as: format)
    }
    try draw(DecouplingFigure.layers(rows), arguments, context)
    let table = DecouplingTable(
      rows: arguments.has(Flags.mean) ? DecouplingRow.means(of: rows) : rows,
      segmentWidths: nulls.segmentWidths, curve: calibration?.curve)
    try write(table.readable, table.data, table.json, as: format)
    guard let calibration, format == .text || format == .markdown else { return }
    try Output.write(
      "\n"
        + DecouplingWords(rows, calibration.curve).sentences.map {
          PrintableText.paragraph($0, width: Output.terminalWidth, indent: "- ")
        }.joined())
  }

  /// The kernels of all files. Of a sweep's epochs, those without any are left out.
  private static func rows(
    _ arguments: Arguments, _ context: Context, _ nulls: inout NullReadings
  ) throws -> [DecouplingRow] {
    var rows: [DecouplingRow] = []
    var without: [String] = []
    for path in arguments.operands {
      let file = try WeightFile(path, reading: .child)
      let own = try DecouplingRow.rows(of: file, &nulls) { fraction in
        context.console.progress(path, fraction: fraction)
      }
      context.console.endProgress()
      if own.isEmpty { without.append(path) }
      rows += own
    }
    guard let first = without.first else { return rows }
    guard arguments.has(Flags.epochs), !rows.isEmpty else {
      throw CommandError.refused(
        "\(first) holds no spatial kernel to look at: no convolution wider than 1×1 that is not "
          + "depthwise")
    }
    context.console.note(
      "left out: \(without.count) of \(arguments.operands.count) files, which hold no spatial kernel"
    )
    return rows
  }

  private static func draw(
    _ figure: @autoclosure () -> CategoryFigure, _ arguments: Arguments, _ context: Context
  ) throws {
    guard let path = arguments[Flags.figure] else { return }
    guard PlotFormat(path: path) != nil else {
      throw arguments.error(Flags.figure, PlotFormat.rule)
    }
    for note in try Plot.categories(figure(), to: path) { context.console.note(note) }
    context.console.note("written: \(path)")
  }

  private static func calibration(
    _ arguments: Arguments, _ context: Context, _ nulls: inout NullReadings
  ) throws -> CouplingCalibration? {
    let conditions = arguments[Flags.conditions]
    guard let results = arguments[Flags.calibration] else {
      guard conditions.isEmpty else {
        throw arguments.error(
          Flags.conditions, "chooses what calibrates; --calibration RESULTS is missing")
      }
      return nil
    }
    let calibration = try CouplingCalibration(
      results: results, where: conditions, &nulls
    ) { fraction in context.console.progress(results, fraction: fraction) }
    context.console.endProgress()
    for damage in calibration.damaged { context.console.note("left out: \(damage)") }
    return calibration
  }

  private static func write(
    _ readable: TextTable, _ data: TextTable, _ json: JSONDocument, as format: Format
  ) throws {
    switch format {
    case .text: try Output.write(readable.rendered(as: .text, width: Output.terminalWidth))
    case .markdown: try Output.write(readable.rendered(as: .markdown, width: Output.terminalWidth))
    case .latex: try Output.write(readable.rendered(as: .latex))
    case .csv: try Output.write(data.rendered(as: .csv))
    case .json: try Output.write(json.rendered)
    }
  }

  private static func segmentWidths(_ arguments: Arguments) throws(SettingsError) -> [Int] {
    guard let list = arguments[Flags.segmentWidths] else { return [] }
    let widths = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let valid = widths.compactMap { $0 }.filter { (2...64).contains($0) }
    guard valid.count == widths.count else {
      throw arguments.error(
        Flags.segmentWidths, "must be numbers from 2 to 64 with commas between them")
    }
    return valid
  }
}

/// The readings of random kernels, one for every shape.
struct NullReadings {
  let segmentWidths: [Int]
  private var known: [[Int]: NullDecoupling] = [:]

  init(segmentWidths: [Int]) {
    self.segmentWidths = segmentWidths
  }

  /// Enough kernels that their mean is known to about 0.002.
  mutating func reading(of kernel: SpatialKernel) -> NullDecoupling {
    let shape = [kernel.taps, kernel.inputs, kernel.outputs]
    if let reading = known[shape] { return reading }
    let reading = NullDecoupling(
      taps: kernel.taps, inputs: kernel.inputs, outputs: kernel.outputs,
      segmentWidths: segmentWidths, kernels: min(64, max(4, 1024 / kernel.outputs)))
    known[shape] = reading
    return reading
  }
}
