// SPDX-License-Identifier: Apache-2.0

import Settings
import Tables
import Weights

/// `weights`: what is in a weight file, the same weights in another form, for us or for others, two files
/// side by side.
enum WeightsCommand: Command {
  enum Action: String, CaseIterable { case inspect, convert, export, diff }
  enum Format: String, CaseIterable { case text, json }

  static let name = "weights"
  static let summary = "inspect, convert, export or compare weight files"
  static let operands = Operands(usage: "inspect|convert|export|diff FILE…", count: 2...1024)
  enum Flags {
    static let format = CommonFlags.format(default: Format.text)
    static let to = Flag<WeightForm?>(
      "to", of: WeightForm.self, "form of the file that is written (by its name)")
    static let output = Flag<String?>("output", "FILE", "the file that export writes")
    static let network = Flag<String?>(
      "network", "NETWORK", "what the weights are for, where the file does not say")
    static let input = Flag<String?>(
      "input", "HxWxC", "its images (as the file says, or is published)")
    static let classes = Flag<Int?>(
      "classes", in: 1...1_000_000, "its classes (as the file says, or is published)")
    static let overwrite = Flag("overwrite", "replace the written file where there is one")
    static let tolerance = Flag<String?>("tolerance", "T", "how far apart values may be (0)")
  }
  static let flags: [any AnyFlag] = [
    Flags.format, Flags.to, Flags.output, Flags.network, Flags.input, Flags.classes,
    Flags.overwrite,
    Flags.tolerance,
  ]
  static let discussion = """
    inspect  prints layers, arrays, shapes and the range of the values of each FILE.
    convert  takes IN and OUT. IN may be ours, a run file that kept its weights, or any file of
             Keras: legacy HDF5 (.h5), .weights.h5, .keras. Files of ours know their network, images
             and classes. OUT is a form that is read here, too: ours, unless its name ends in
             .weights.h5 (keras-v3), _kernels.h5 (keras-legacy) or .keras (keras-archive, the whole
             model, for load_model of Keras 3), or --to says otherwise. Only our own form keeps the
             names of the classes and what pictures go through.
    export   writes FILE, of the same kinds, in a form that only others read, to --output: onnx
             (images [batch, height, width, channels] to logits and probabilities, opset 17), or
             safetensors (arrays under the paths that inspect shows). Both keep classes and
             preprocessing as metadata.
    diff     compares two files array by array, whatever their forms; exits with 1 where they
             differ. Two values are equal that are at most --tolerance apart.

    Weights are matched by the order of layers and the shapes of arrays, never by name:
      continuum weights convert xception_weights_tf_dim_ordering_tf_kernels.h5 xception.h5 \\
        --network xception
    """
  static let examples = [
    "continuum weights inspect probe.h5",
    "continuum weights convert probe.h5 probe.weights.h5",
    "continuum weights convert probe.weights.h5 again.h5 --network probe",
    "continuum weights convert probe.h5 probe.keras",
    "continuum weights export probe.h5 --to safetensors --output probe.safetensors",
    "continuum weights diff probe.h5 again.h5",
  ]

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let action: Action = try arguments.action()
    try refuseOthersOptions(of: action, arguments)
    switch action {
    case .inspect: try WeightInspection.run(arguments)
    case .convert: try WeightConversion.run(arguments, context)
    case .export: try WeightExport.run(arguments, context)
    case .diff: try diff(arguments)
    }
  }

  /// An option of another action would do nothing.
  private static func refuseOthersOptions(
    of action: Action, _ arguments: Arguments
  ) throws(CommandError) {
    let own: [any AnyFlag] =
      switch action {
      case .inspect: [Flags.format]
      case .convert:
        [Flags.to, Flags.network, Flags.input, Flags.classes, Flags.overwrite]
      case .export:
        [
          Flags.to, Flags.output, Flags.network, Flags.input, Flags.classes, Flags.overwrite,
        ]
      case .diff: [Flags.tolerance]
      }
    let names = own.map(\.name)
    for flag in flags where !names.contains(flag.name) && arguments.has(flag) {
      throw .refused("--\(flag.name) means nothing to `weights \(action.rawValue)`")
    }
  }

  /// The two files that an action takes.
  static func pair(_ arguments: Arguments, _ names: String) throws(CommandError) -> (String, String)
  {
    let files = arguments.operands.dropFirst()
    guard let first = files.first, let second = files.last, files.count == 2 else {
      throw .refused(
        "\(files.count) file\(files.count == 1 ? "" : "s") instead of two; usage: "
          + "continuum weights \(arguments.operands[0]) \(names)")
    }
    return (first, second)
  }

  private static func diff(_ arguments: Arguments) throws {
    let (first, second) = try pair(arguments, "A B")
    let tolerance = try arguments.tolerance()
    let comparison = try WeightComparison(
      try WeightFile(first, reading: .child), try WeightFile(second, reading: .child),
      tolerance: tolerance)
    guard comparison.structure.isEmpty else {
      try Output.write(comparison.structure + "\n")
      throw CommandError.failed("\(first) and \(second) differ in their layers or shapes")
    }
    let differing = comparison.arrays.filter { $0.differing > 0 }
    guard !differing.isEmpty else {
      try Output.write("\(comparison.arrays.count) arrays, all equal\n")
      return
    }
    var table = TextTable(["layer", "array", "values", "differ", "max |a − b|", "relative"])
    table.rows = differing.map { difference in
      [
        .text(printable(difference.layer)), .text(printable(difference.array)),
        .integer(difference.count), .integer(difference.differing),
        .text("\(difference.absolute)"), .text("\(difference.relative)"),
      ]
    }
    try Output.write(table.rendered(as: .text))
    throw CommandError.failed(
      "\(first) and \(second) differ in \(differing.count) of \(comparison.arrays.count) arrays")
  }
}

extension Arguments {
  /// `--tolerance T`, or 0.
  fileprivate func tolerance() throws(SettingsError) -> Float {
    let flag = WeightsCommand.Flags.tolerance
    guard let text = self[flag] else { return 0 }
    guard let value = Float(text), value.isFinite, value >= 0 else {
      throw error(flag, "must be a number of at least 0")
    }
    return value
  }
}
