import Datasets
import ExperimentRunner
import Foundation
import Settings

/// One run without an experiment file: the same engine, the same run file.
enum Train: Command {
  static let name = "train"
  static let summary = "train one network on one data set"
  static let operands = Operands(usage: "NETWORK", count: 1...1)
  static let options =
    [
      Option(
        name: "dataset", value: "KIND", summary: "the data set; `data list` shows them",
        isRequired: true),
      Option(name: "epochs", value: "N", summary: "passes over the training set (16)"),
      Option(name: "batch", value: "N", summary: "images a step (64)"),
      Option(
        name: "weights", value: "FILE",
        summary: "begin with these; a classifier of other classes begins afresh"),
      Option(name: "classes", value: "N", summary: "the data set must have so many"),
      Option(
        name: "freeze", value: "nothing|base",
        summary: "with --weights: base leaves all before the head as it is"),
      SweepOptions.set, SweepOptions.again,
      Option(name: "no-weights", summary: "leave the trained weights out of the run file"),
    ] + SweepOptions.run
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
    guard !arguments.has("no-weights") || !arguments.has("keep-weights") else {
      throw CommandError.refused("--keep-weights and --no-weights exclude each other")
    }
    let sweep = try Sweep(
      experiment(arguments, context), arguments, context,
      keepsWeights: !arguments.has("no-weights"))
    let runs = try sweep.runs()
    if let classes = try arguments.integer("classes", in: 1...1_000_000) {
      for run in runs where run.graph.outputShape.channels != classes {
        throw arguments.error(
          "classes", "must be the \(run.graph.outputShape.channels) classes of the data set")
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
    let kind = try arguments.required("dataset", "names a data set, as in --dataset coupling")
    _ = try arguments.word("dataset", among: DatasetZoo.keys)
    let network = try NetworkArgument(arguments.operands[0])
    var training: [String: JSON] = [:]
    training["epochs"] = try arguments.integer("epochs", in: 1...100_000).map(JSON.integer)
    training["batch"] = try arguments.integer("batch", in: 1...65_536).map(JSON.integer)
    var experiment: JSON = [
      "question": .string("\(network.name) on \(kind)"), "network": network.json,
      "data": ["kind": .string(kind)], "training": .object(training),
    ]
    if let weights = arguments.text("weights") {
      let freeze = try arguments.choice("freeze", default: Transfer.Freeze.nothing)
      experiment = experiment.setting(
        "transfer", to: ["weights": .string(weights), "freeze": .string(freeze.rawValue)])
    } else if arguments.has("freeze") {
      throw CommandError.refused("--freeze means nothing without --weights")
    }
    let name =
      arguments.text("results").map {
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
    for (option, path) in [
      ("epochs", "training.epochs"), ("batch", "training.batch"),
      ("weights", "transfer.weights"), ("freeze", "transfer.freeze"),
    ] {
      decided[path] = arguments.text(option).map { "--\(option) \($0)" }
    }
    return decided
  }
}
