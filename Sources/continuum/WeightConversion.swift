// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import Weights

/// `weights convert`: the same weights in another form.
enum WeightConversion {
  static func run(_ arguments: Arguments, _ context: Context) throws {
    let (source, target) = try WeightsCommand.pair(arguments, "IN OUT")
    let format = try format(arguments, target)
    try arguments.checkOutput(target, from: [source])
    let file = try WeightFile(source, reading: .child)
    var (network, input, classes) = try network(of: file, arguments)
    var graph = try network.graph(input: input, classes: classes)
    if let statements = try file.statements(for: graph) {
      network = try followed(statements, network, graph, file, as: format)
      graph = try network.graph(input: input, classes: classes)
    }
    let memory = try ParameterMemory(graph)
    let loaded = try file.load(
      into: memory, of: graph, statements: format == .continuum ? .mustHold : .areFollowed)
    let names = file.outline.classNames ?? []
    try WeightWriter.write(
      memory, of: graph, network: network, classNames: names.count == classes ? names : [],
      as: format, to: target)
    try Output.write(
      "\(target): \(loaded.count) arrays of \(network.key) "
        + "from \(loaded.format.rawValue) to \(format.rawValue)\n")
  }

  /// The network with the file's epsilon. Our own form says nothing else that a model may state; Keras'
  /// forms of weights alone say nothing of it, and are read into a model that does.
  private static func followed(
    _ statements: ModelStatements, _ network: NetworkDescription, _ graph: Graph,
    _ file: WeightFile, as format: WeightWriter.Format
  ) throws -> NetworkDescription {
    guard statements.takes(graph.inputShape) else {
      throw CommandError.refused(
        "--input is \(graph.inputShape); the model in \(file.path) is for \(statements.inputText)")
    }
    let epsilons = Set(statements.epsilons.values)
    guard format == .continuum, epsilons.count == 1, let epsilon = epsilons.first,
      let number = Double("\(epsilon)"), graph.epsilons.values.contains(where: { $0 != epsilon })
    else { return network }
    return try network.setting("batchNormEpsilon", to: .number(number))
  }

  /// What `--to` says, or else the name of the file.
  private static func format(
    _ arguments: Arguments, _ target: String
  ) throws(SettingsError) -> WeightWriter.Format {
    let name = target.lowercased()
    if let format = try arguments[WeightsCommand.Flags.to] { return format }
    if name.hasSuffix(".weights.h5") { return .kerasV3 }
    if name.hasSuffix("_kernels.h5") { return .kerasLegacy }
    guard name.hasSuffix(".h5") || name.hasSuffix(".hdf5") else {
      throw SettingsError(
        source: "OUT", field: "", value: "\"\(target)\"",
        rule: "must end in .h5 or .hdf5, or --to must say its form")
    }
    return .continuum
  }

  /// What the weights are for: as the options say, or else the file.
  private static func network(
    of file: WeightFile, _ arguments: Arguments
  ) throws -> (NetworkDescription, Shape, Int) {
    guard let text = arguments[WeightsCommand.Flags.network] else {
      guard file.outline.network != nil else {
        throw CommandError.refused(
          "--network is missing; \(file.path) does not say what network it is for")
      }
      let (network, input, classes) = try file.described()
      return (
        network,
        arguments.has(WeightsCommand.Flags.input) ? try arguments.inputShape(of: network) : input,
        arguments.has(WeightsCommand.Flags.classes)
          ? try arguments.classCount(of: network) : classes
      )
    }
    let network = try NetworkArgument(text).description
    let classes = arguments.has(WeightsCommand.Flags.classes) ? nil : file.outline.classifierClasses
    let stated = arguments.has(WeightsCommand.Flags.input) ? nil : file.outline.model?.inputShape
    return (
      network, try stated ?? arguments.inputShape(of: network),
      try classes ?? arguments.classCount(of: network)
    )
  }
}
