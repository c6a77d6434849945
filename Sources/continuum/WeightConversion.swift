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
    let (network, input, classes) = try network(of: file, arguments)
    let graph = try network.graph(input: input, classes: classes)
    let memory = try ParameterMemory(graph)
    let loaded = try file.load(into: memory, of: graph)
    let names = file.outline.classNames ?? []
    try WeightWriter.write(
      memory, of: graph, network: network, classNames: names.count == classes ? names : [],
      as: format, to: target)
    try Output.write(
      "\(target): \(loaded.count) arrays of \(network.key) "
        + "from \(loaded.format.rawValue) to \(format.rawValue)\n")
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
    return (
      network, try arguments.inputShape(of: network),
      try classes ?? arguments.classCount(of: network)
    )
  }
}
