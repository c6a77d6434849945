import Decoupling
import Settings
import Tables
import Weights

/// `decouple`: how separable the spatial kernels of trained networks have become.
enum Decouple: Command {
  enum Format: String, CaseIterable { case text, json, csv, markdown, latex }

  static let name = "decouple"
  static let summary = "how separable the kernels of trained networks have become"
  static let operands = Operands(usage: "FILE…", count: 1...10_000)
  static let options = [
    Option(
      name: "segment-widths", value: "LIST",
      summary: "also the best fit by segments of so many outputs, e.g. 2,4,8"),
    Option.format(Format.self),
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
    """
  static let examples = [
    "continuum decouple regular.h5",
    "continuum decouple regular.h5 --segment-widths 2,4,8 --format csv",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments.choice("format", default: Format.text)
    let widths = try segmentWidths(arguments)
    var nulls = NullReadings(segmentWidths: widths)
    var rows: [DecouplingRow] = []
    for path in arguments.operands {
      let file = try WeightFile(path, reading: .child)
      let own = try DecouplingRow.rows(of: file, segmentWidths: widths, &nulls) { fraction in
        context.console.progress(path, fraction: fraction)
      }
      context.console.endProgress()
      guard !own.isEmpty else {
        throw CommandError.refused(
          "\(path) holds no spatial kernel to look at: no convolution wider than 1×1 that is not "
            + "depthwise")
      }
      rows += own
    }
    let table = DecouplingTable(rows: rows, segmentWidths: widths)
    switch format {
    case .text: try Output.write(table.readable.rendered(as: .text, width: Output.terminalWidth))
    case .markdown:
      try Output.write(
        table.readable.rendered(as: .markdown, width: Output.terminalWidth))
    case .latex: try Output.write(table.readable.rendered(as: .latex))
    case .csv: try Output.write(table.data.rendered(as: .csv))
    case .json: try Output.write(table.json.rendered)
    }
  }

  private static func segmentWidths(_ arguments: Arguments) throws(SettingsError) -> [Int] {
    guard let list = arguments.text("segment-widths") else { return [] }
    let widths = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let valid = widths.compactMap { $0 }.filter { (2...64).contains($0) }
    guard valid.count == widths.count else {
      throw arguments.error(
        "segment-widths", "must be numbers from 2 to 64 with commas between them")
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
