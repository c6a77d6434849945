// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Weights

/// `weights convert`: the same weights in another form that is read here, too.
enum WeightConversion {
  static func run(_ arguments: Arguments, _ context: Context) throws {
    let (source, target) = try WeightsCommand.pair(arguments, "IN OUT")
    let form = try WeightForm.form(arguments, of: target, "OUT", for: .convert)
    guard let format = form.format else { preconditionFailure("what is converted is written") }
    try arguments.checkOutput(target, from: [source])
    let loaded = try LoadedWeights(source, arguments)
    try WeightWriter.write(
      loaded.memory, of: loaded.graph, network: loaded.network, classNames: loaded.classNames,
      trained: loaded.trained, as: format, to: target)
    try Output.write(
      "\(target): \(loaded.count) arrays of \(loaded.network.key) "
        + "from \(loaded.format.rawValue) to \(format.rawValue)\n")
  }
}

/// A network with weights from a file, for `weights convert` and `weights export`.
struct LoadedWeights {
  let network: NetworkDescription
  let graph: Graph
  let memory: ParameterMemory
  let format: WeightOutline.Format
  /// How many arrays were read.
  let count: Int
  /// One a class, or none.
  let classNames: [String]
  let trained: TrainedImages

  /// The network is what the options say, or else the file.
  ///
  /// - Throws: where neither says it, or the weights do not fit it.
  init(_ path: String, _ arguments: Arguments) throws {
    let file = try WeightFile(path, reading: .child)
    let known = try NetworkOfWeights(
      file, named: arguments[WeightsCommand.Flags.network], role: "--network")
    network = known.description
    let classes =
      arguments.has(WeightsCommand.Flags.classes)
      ? try arguments.classCount(of: network) : known.classes ?? network.usualClasses
    guard
      known.input != nil || file.outline.network == nil
        || arguments.has(WeightsCommand.Flags.input)
    else {
      throw CommandError.refused(
        "--input is missing; \(path) does not say how large the images of its network are")
    }
    let input =
      arguments.has(WeightsCommand.Flags.input)
      ? try arguments.inputShape(of: network) : known.input ?? network.usualInput
    graph = try network.graph(input: input, classes: classes)
    memory = try ParameterMemory(graph)
    let loaded = try file.load(into: memory, of: graph)
    (format, count) = (loaded.format, loaded.count)
    let names = file.outline.classNames ?? []
    classNames = names.count == classes ? names : []
    trained = file.outline.trained
  }
}
