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
    let loaded = try LoadedWeights(source, arguments, for: format)
    try WeightWriter.write(
      loaded.memory, of: loaded.graph, network: loaded.network, classNames: loaded.classNames,
      trained: loaded.trained, as: format, to: target)
    loaded.lost.forEach { context.console.warn("\(target): \($0)") }
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
  /// What a whole model did and the written form does not say.
  let lost: [String]

  /// The network is what the options say, or else the file.
  ///
  /// - Parameter form: that they are written in; nil where it is one that is not read here.
  /// - Throws: where neither says it, or the weights do not fit it.
  init(_ path: String, _ arguments: Arguments, for form: WeightWriter.Format?) throws {
    let file = try WeightFile(path, reading: .child)
    let known = try NetworkOfWeights(
      file, named: arguments[WeightsCommand.Flags.network], role: "--network")
    let classes =
      arguments.has(WeightsCommand.Flags.classes)
      ? try arguments.classCount(of: known.description)
      : known.classes ?? known.description.usualClasses
    guard
      known.input != nil || file.outline.network == nil
        || arguments.has(WeightsCommand.Flags.input)
    else {
      throw CommandError.refused(
        "--input is missing; \(path) does not say how large the images of its network are")
    }
    let input =
      arguments.has(WeightsCommand.Flags.input)
      ? try arguments.inputShape(of: known.description)
      : known.input ?? known.description.usualInput
    var (network, graph) = (
      known.description, try known.description.graph(input: input, classes: classes)
    )
    let saysModel = form.map { [.continuum, .kerasArchive].contains($0) } ?? true
    if let statements = try file.statements(for: graph) {
      network = try Self.followed(statements, network, graph, file, saysModel: saysModel)
      graph = try network.graph(input: input, classes: classes)
    }
    (self.network, self.graph) = (network, graph)
    memory = try ParameterMemory(graph)
    let loaded = try file.load(
      into: memory, of: graph, statements: saysModel ? .mustHold : .areFollowed)
    (self.format, count) = (loaded.format, loaded.count)
    let names = file.outline.classNames ?? []
    classNames = names.count == classes ? names : []
    trained = file.outline.trained
    lost = try file.statements(for: graph).map { $0.lost(of: graph, saysModel: saysModel) } ?? []
  }

  /// The network with the file's epsilon. Forms that say the network say nothing else that a model may
  /// state; Keras' forms of weights alone say nothing of it, and are read into a model that does.
  private static func followed(
    _ statements: ModelStatements, _ network: NetworkDescription, _ graph: Graph,
    _ file: WeightFile, saysModel: Bool
  ) throws -> NetworkDescription {
    guard statements.takes(graph.inputShape) else {
      throw CommandError.refused(
        "--input is \(graph.inputShape); the model in \(file.path) is for \(statements.inputText)")
    }
    let epsilons = Set(statements.epsilons.values)
    guard saysModel, epsilons.count == 1, let epsilon = epsilons.first,
      let number = Double("\(epsilon)"), graph.epsilons.values.contains(where: { $0 != epsilon })
    else { return network }
    return try network.setting("batchNormEpsilon", to: .number(number))
  }
}

extension ModelStatements {
  /// What a form does not say of a model that it holds the weights of.
  ///
  /// - Parameter saysModel: whether it says the network, epsilons included.
  fileprivate func lost(of graph: Graph, saysModel: Bool) -> [String] {
    var lost: [String] = []
    if head != .softmax {
      lost.append(
        "the model ended in \(head == .linear ? "logits" : "a sigmoid"), the network ends in a softmax"
      )
    }
    guard !saysModel else { return lost }
    let isUsual = epsilons.allSatisfy { graph.epsilons[$0.key] == $0.value }
    if !isUsual { lost.append("weights alone do not say the epsilons of the model's batch norms") }
    if !front.isIdentity {
      lost.append("weights alone do not say how the model rescaled its images")
    }
    return lost
  }
}
