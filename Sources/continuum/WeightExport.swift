// SPDX-License-Identifier: Apache-2.0

import Engine
import Export
import Settings
import Weights

/// `weights export`: a network with its weights in a form that other programs read.
enum WeightExport {
  static func run(_ arguments: Arguments, _ context: Context) throws {
    let files = arguments.operands.dropFirst()
    guard let source = files.first, files.count == 1 else {
      throw CommandError.refused(
        "\(files.count) files instead of one; usage: continuum weights export FILE "
          + "--to onnx|safetensors --output OUT")
    }
    let target = try arguments.required(WeightsCommand.Flags.output, "names the file to write")
    let form = try WeightForm.form(arguments, of: target, "--output", for: .export)
    if form == .onnx, !ONNXFile.isAvailable {
      throw CommandError.failed("\(target): ONNX export \(ONNXFile.remedy)")
    }
    try arguments.checkOutput(target, from: [source])
    let loaded = try LoadedWeights(source, arguments, for: nil)
    let network = ExportedNetwork(
      loaded.graph, loaded.memory, network: loaded.network, classNames: loaded.classNames,
      preprocessing: try preprocessing(loaded, source), data: loaded.trained.data)
    switch form {
    case .onnx: try ONNXFile.write(network, to: target)
    case .safetensors: try Safetensors.write(network, to: target)
    case .continuum, .kerasLegacy, .kerasV3, .kerasArchive:
      preconditionFailure("what is exported is not converted")
    }
    loaded.lost.forEach { context.console.warn("\(target): \($0)") }
    try Output.write(
      "\(target): \(loaded.count) arrays of \(loaded.network.key) "
        + "from \(loaded.format.rawValue) to \(form.rawValue)\n")
  }

  /// What the file says of its pictures; where it says nothing of its data, what the network's published
  /// evaluation does; nil of a network that was trained on something else.
  private static func preprocessing(_ loaded: LoadedWeights, _ path: String) throws -> String? {
    let usual = loaded.network.preprocessing.sized(loaded.graph.inputShape.height)
    if let stated = try loaded.trained.pictures(of: path, default: usual) {
      return stated.json.canonicalText
    }
    let isPictures = loaded.trained.data == nil && loaded.graph.inputShape.channels == 3
    return isPictures ? usual.json.canonicalText : nil
  }
}
