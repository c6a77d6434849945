// SPDX-License-Identifier: Apache-2.0

import Datasets
import ExperimentRunner
import Foundation
import Settings

/// One run without an experiment file: the same engine, the same run file.
enum Train: Command {
  static let name = "train"
  static let summary = "train one network on one data set"
  static let operands = Operands(usage: "NETWORK", count: 1...1)
  enum Flags {
    static let dataset = Flag<String?>(
      "dataset", "KIND", "the data set; `data list` shows them", words: DatasetZoo.keys,
      isRequired: true)
    static let epochs = Flag<Int?>("epochs", in: 1...100_000, "passes over the training set (16)")
    static let batch = Flag<Int?>("batch", in: 1...65_536, "images a step (64)")
    static let weights = Flag<String?>(
      "weights", "FILE", "begin with these; a classifier of other classes begins afresh")
    static let classes = Flag<Int?>("classes", in: 1...1_000_000, "the data set must have so many")
    static let freeze = Flag(
      "freeze", default: Transfer.Freeze.nothing,
      "with --weights: base leaves all before the head as it is")
    static let noWeights = Flag("no-weights", "leave the trained weights out of the run file")
  }
  static let flags: [any AnyFlag] =
    [
      Flags.dataset, Flags.epochs, Flags.batch, Flags.weights, Flags.classes, Flags.freeze,
      SweepFlags.settings, SweepFlags.again, Flags.noWeights,
    ] + SweepFlags.run + PictureCheck.Flags.all
  static let discussion = """
    NETWORK is a zoo name, a JSON file, or inline JSON. Everything else of the run can be --set, as
    in an experiment file: data.…, network.…, training.… Without --results the run file goes to
    Results/train-NETWORK-KIND; it holds all of the run's settings and, unless --no-weights says
    otherwise, its trained weights.

    Transfer: --weights takes our own files and Keras' (see `weights`), and says which parameters it
    found nothing for. The images of a folder go through what the network was published with:
      continuum train xception --weights xception_weights_tf_dim_ordering_tf_kernels.h5 \\
        --freeze base --dataset image-folder --set data.path=flowers
    """
  static let examples = [
    "continuum train probe --dataset coupling --epochs 4 --results Results/first-try",
    #"continuum train '{"network": "stack", "width": 16}' --dataset cifar-10 --data DIR"#,
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    guard !arguments.has(Flags.noWeights) || !arguments.has(SweepFlags.keepWeights) else {
      throw CommandError.refused("--keep-weights and --no-weights exclude each other")
    }
    let sweep = try Sweep(
      experiment(arguments, context), arguments, context,
      keepsWeights: !arguments.has(Flags.noWeights))
    let runs = try sweep.runs()
    if let classes = try arguments[Flags.classes] {
      for run in runs where run.graph.outputShape.channels != classes {
        throw arguments.error(
          Flags.classes, "must be the \(run.graph.outputShape.channels) classes of the data set")
      }
    }
    try sweep.checkFolder(context.console)
    let standings = try sweep.standings(of: runs)
    let summary = try sweep.perform(standings, failFast: true, context.console)
    let outcome = try sweep.report(standings, summary, context.console) { run in
      NextSteps(run, sweep, arguments).commands
    }
    try outcome.check(runs: runs.count, wasInterrupted: summary.wasInterrupted)
  }

  /// What an experiment file of this one run would say.
  private static func experiment(
    _ arguments: Arguments, _ context: Context
  ) throws -> Experiment {
    let kind = try arguments.required(Flags.dataset, "names a data set, as in --dataset coupling")
    guard DatasetZoo.keys.contains(kind) else {
      throw arguments.error(
        Flags.dataset, "must be one of: \(DatasetZoo.keys.joined(separator: ", "))",
        suggestion: Spelling.nearest(to: kind, among: DatasetZoo.keys))
    }
    let network = try NetworkArgument(arguments.operands[0])
    var training: [String: JSON] = [:]
    training["epochs"] = try arguments[Flags.epochs].map(JSON.integer)
    training["batch"] = try arguments[Flags.batch].map(JSON.integer)
    var experiment: JSON = [
      "question": .string("\(network.name) on \(kind)"), "network": network.json,
      "data": ["kind": .string(kind)], "training": .object(training),
    ]
    if let weights = arguments[Flags.weights] {
      let freeze = try arguments[Flags.freeze]
      experiment = experiment.setting(
        "transfer", to: ["weights": .string(weights), "freeze": .string(freeze.rawValue)])
    } else if arguments.has(Flags.freeze) {
      throw CommandError.refused("--freeze means nothing without --weights")
    }
    let name =
      arguments[SweepFlags.results].map {
        URL(fileURLWithPath: $0).standardizedFileURL.lastPathComponent
      }
      ?? "train-\(network.name)-\(kind)"
    return try Experiment(
      experiment, name: name, source: "the run",
      overrides: try Sweep.overrides(
        arguments, context, decided: decided(network, kind, arguments)))
  }

  /// The fields that the command's own words decide, with these words.
  private static func decided(
    _ network: NetworkArgument, _ kind: String, _ arguments: Arguments
  ) -> [String: String] {
    var decided = [
      "network.network": "the network \(network.name)", "data.kind": "--dataset \(kind)",
    ]
    let flags: [(any AnyFlag, path: String)] = [
      (Flags.epochs, "training.epochs"), (Flags.batch, "training.batch"),
      (Flags.weights, "transfer.weights"), (Flags.freeze, "transfer.freeze"),
    ]
    for (flag, path) in flags {
      decided[path] = arguments.text(flag).map { "--\(flag.name) \($0)" }
    }
    return decided
  }
}
