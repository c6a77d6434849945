// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Records

/// Does the runs of an experiment that are not done yet, then writes its tables and plots.
enum Run: Command {
  static let name = "run"
  static let summary = "run an experiment: train its grid, write run files, tables and plots"
  static let operands = Operands(usage: "EXPERIMENT", count: 1...1)
  enum Flags {
    static let dryRun = Flag(
      "dry-run", "list the runs, their costs and the estimated time; train nothing")
    static let simulate = Flag(
      "simulate", "which differences the planned seeds find, and how many seeds others take")
    static let like = Flag<String?>(
      "like", "RESULTS",
      "with --simulate or --dry-run: finished runs to take the variances from")
    static let resolved = Flag(
      "resolved", "with --dry-run: every setting of every point, and where it comes from")
    static let format = CommonFlags.format(
      default: ResolvedDocument.Format.text, "with --resolved: form of the list")
    static let failFast = Flag("fail-fast", "begin no further run after one that failed")
  }
  static let flags: [any AnyFlag] =
    [SweepFlags.settings, SweepFlags.jobs] + SweepFlags.run + PictureCheck.Flags.all + [
      SweepFlags.again, Flags.dryRun, Flags.simulate, Flags.like, Flags.resolved, Flags.format,
      Flags.failFast,
    ]
  static let discussion = """
    EXPERIMENT is an experiment.json, its folder, or a name under Experiments/. Finished runs are
    never run again; a run that was stopped, however, goes on from its last checkpoint, to the same
    bits. Runs go side by side as --jobs processes, which share the processors; without --jobs, no
    more than the free memory holds. What it does not hold at all is refused before anything begins.

    A run is made again where its file is damaged, where --again names it (--again FAILED: all that failed),
    or where --keep-weights asks for weights that it does not hold; the old file stays until the new one is finished, and
    where a result is another one this is said. Several `run`s on one folder share its runs; one that
    another has finished without the weights that are asked for here is made again, too.

    --dry-run --resolved says of every setting where it comes from: the file, --set, vary, --set vary
    (what --set put under vary), budget (solved for) or default; as JSON under the key "from".

    --simulate trains nothing: from the variances between seeds and between test images it says which
    true difference of accuracies is found with a probability of 80 % (at the 5 % level of all
    comparisons together), and how many seeds 0.5 and 1 point take. The variances are those of --like,
    or else of runs that come with Continuum, on CIFAR-10 or on `coupling`. A difference of 0.5 points
    may be out of reach of any number of seeds on a small test set: then a larger one is needed.
    """
  static let examples = [
    "continuum run Experiments/quickstart --dry-run",
    "continuum run Experiments/quickstart --simulate --like Results/quickstart",
    "continuum run quickstart --set training.epochs=2 --results Results/quick-look",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let experiment = try Experiment(
      path: arguments.operands[0], overrides: try Sweep.overrides(arguments, context))
    let sweep = try Sweep(experiment, arguments, context)
    let plan = try sweep.plan()
    for note in plan.notes { context.console.note(note) }
    let runs = plan.runs
    if let format = try resolvedFormat(arguments) {
      try Output.write(ResolvedDocument(experiment, runs).rendered(as: format))
      return
    }
    let simulation = try Simulation(experiment, runs, arguments)
    if arguments.has(Flags.simulate) { return try Output.write(simulation.text) }
    try sweep.checkFolder(context.console)
    let standings = try sweep.standings(of: runs)
    if arguments.has(Flags.dryRun) {
      try sweep.checkEarlierData(runs, context.console)
      let text = try DryRun(standings, sweep: sweep, console: context.console).text()
      try Output.write(
        text + "\(simulation.line)\n"
          + standings.notes.map { "\($0)\n" }.joined())
      return
    }
    let summary = try sweep.perform(
      standings, failFast: arguments.has(Flags.failFast), context.console)
    let outcome = try sweep.report(standings, summary, context.console)
    try outcome.check(runs: runs.count, wasInterrupted: summary.wasInterrupted)
  }

  /// How `--resolved` is to be shown; nil where it is not asked for.
  private static func resolvedFormat(
    _ arguments: Arguments
  ) throws -> ResolvedDocument.Format? {
    let format = try arguments[Flags.format]
    let pairs: [(any AnyFlag, any AnyFlag)] = [
      (Flags.format, Flags.resolved), (Flags.resolved, Flags.dryRun),
    ]
    for (flag, other) in pairs where arguments.has(flag) && !arguments.has(other) {
      throw CommandError.refused("--\(flag.name) means nothing without --\(other.name)")
    }
    return arguments.has(Flags.resolved) ? format : nil
  }
}
