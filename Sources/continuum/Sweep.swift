// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import ExperimentRunner
import Foundation
import Records
import Reports
import Weights

/// An experiment on its way: what is run, where its files go, how many processes share the machine.
struct Sweep {
  let experiment: Experiment
  let results: ResultsFolder
  let dataDirectory: String?
  private let threads: Int
  private let chosenJobs: Int?
  let checkpointInterval: Int
  let keepsWeights: Bool
  /// After which epochs the weights are kept, too.
  let keptEpochs: [Int]
  /// Whether the user named the results folder.
  private let hasChosenFolder: Bool
  /// `FAILED`, or identifiers of runs.
  private let again: [String]

  /// - Parameter keepsWeights: nil where the user is to say so.
  init(
    _ experiment: Experiment, _ arguments: Arguments, _ context: Context,
    keepsWeights: Bool? = nil
  ) throws {
    self.experiment = experiment
    results = ResultsFolder(
      path: arguments[SweepFlags.results] ?? "Results/\(experiment.name)",
      usesLocks: !arguments.has(SweepFlags.noLocks))
    hasChosenFolder = arguments.has(SweepFlags.results)
    dataDirectory = arguments[CommonFlags.data]
    threads = context.threads
    // `train` does one run, and what is made again is chosen before a worker is asked for it.
    chosenJobs = arguments.take(SweepFlags.jobs) ? try arguments[SweepFlags.jobs] : nil
    checkpointInterval = try arguments[SweepFlags.checkpointEvery]
    self.keepsWeights = keepsWeights ?? arguments.has(SweepFlags.keepWeights)
    keptEpochs = try SweepFlags.keptEpochs(arguments)
    let again = arguments.take(SweepFlags.again) ? arguments[SweepFlags.again] : []
    self.again = again.flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// All runs of the experiment.
  func runs() throws -> [PlannedRun] { try plan().runs }

  /// All runs, and what the experiment leaves out.
  func plan() throws -> ExperimentPlan { try experiment.plan(data: dataDirectory) }

  /// Sees whether the results folder is another experiment's, too.
  ///
  /// - Throws: where it is and this one has nothing there yet, and nobody named the folder.
  func checkFolder(_ console: Console) throws(CommandError) {
    let (other, isOwn) = experiment.experiments(in: results)
    guard let other else { return }
    guard hasChosenFolder || isOwn else {
      throw .refused(
        "\(results.path) holds results of another experiment, \(other); "
          + "name another folder with --results, or this one to share it")
    }
    console.note(
      "\(results.path) holds results of another experiment, \(other), too: "
        + "tables and figures there are this one's from now on")
  }

  /// How they stand in the results folder.
  func standings(of runs: [PlannedRun]) throws -> Standings {
    try RunCollection.checkStrayFiles(in: results.path, runs: Set(runs.map(\.id)))
    return try Standings(runs, in: results, again: again, wantsWeights: keepsWeights)
  }

  /// Processes side by side for runs that are to be done: as many as processors or as the memory
  /// holds, unless the user chose.
  ///
  /// - Throws: where the memory does not hold one, or not as many as the user chose.
  func jobs(for runs: [PlannedRun]) throws(MemoryShortage) -> Int {
    let wanted = wantedJobs(for: runs)
    let memory = SweepMemory(runs, free: .now) { threads(jobs: $0) }
    guard chosenJobs != nil else { return try memory.jobs(atMost: wanted) }
    try memory.check(jobs: wanted)
    return wanted
  }

  /// The same with no look at the memory.
  func wantedJobs(for runs: [PlannedRun]) -> Int { min(chosenJobs ?? threads, max(runs.count, 1)) }

  /// Threads of each process.
  func threads(jobs: Int) -> Int { max(1, threads / jobs) }

  /// What a worker does with each run that it is given.
  func execution(threads: Int) -> RunExecution {
    var execution = RunExecution(
      experiment: experiment.name, results: results, threads: threads, jobs: chosenJobs ?? 1,
      checkpointInterval: Double(checkpointInterval), keepsWeights: keepsWeights,
      weightReading: .child)
    execution.keptEpochs = Set(keptEpochs)
    return execution
  }

  /// Does all runs that are not done.
  func perform(
    _ standings: Standings, failFast: Bool, _ console: Console
  ) throws -> Scheduler.Summary {
    try checkEarlierData(standings.runs, console)
    try checkKeptEpochs(standings, console)
    let open = standings.open
    let jobs = try jobs(for: open)
    tell(standings, jobs: jobs, console)
    for line in unfinished(standings) { console.note(line) }
    results.tidy()
    guard !open.isEmpty else {
      try writeAsked(standings.runs)
      return Scheduler.Summary()
    }
    try OpenFiles.require(for: jobs)
    try checkData(open, console)
    try checkWeights(open, console)
    try results.make()
    try writeAsked(standings.runs)
    Interruption.listen(endsAtSecond: true)
    let scheduler = Scheduler(
      experiment, runs: open, replacing: standings.stamps, in: results, jobs: jobs,
      wantsWeights: keepsWeights, failFast: failFast, command: workerCommand(jobs: jobs))
    var progress = SweepProgress(open, console: console)
    let summary = scheduler.run { progress.update($0, $1) }
    Interruption.listenNoMore()
    console.endProgress()
    results.tidy()
    return summary
  }

  /// Sees whether runs of before saw the data that are at hand.
  func checkEarlierData(_ runs: [PlannedRun], _ console: Console) throws {
    let notes = try DataCheck(results).check(runs, directory: dataDirectory)
    for note in notes { console.note(note) }
  }

  /// Writes down beside the runs what is asked of the results folder.
  private func writeAsked(_ runs: [PlannedRun]) throws {
    let (record, id) = experiment.record(of: runs, asked: Date(), keepsWeights: keepsWeights)
    try record.write(in: results.path, id: id)
  }

  /// Says what is done, what will be, and what of the data will not be used.
  private func tell(_ standings: Standings, jobs: Int, _ console: Console) {
    let (runs, open) = (standings.runs, standings.open)
    let begun = open.filter { results.isBegun($0.id) }
    let resumed = begun.count { results.checkpointFault($0.id) == nil }
    let remade = standings.remade.count
    console.note(
      "\(experiment.name): \(runs.count) run\(runs.count == 1 ? "" : "s"), "
        + standings.done(" before")
        + (remade > 0 ? ", \(remade) to make again" : "")
        + (resumed > 0 ? ", \(resumed) to go on with" : "")
        + (open.isEmpty ? "" : "; \(jobs) side by side")
        + (jobs < wantedJobs(for: open) ? ", for want of memory for more" : ""))
    for line in standings.notes { console.note(line) }
    var isSaid: Set<String> = []
    for line in open.compactMap(\.droppedImagesNote) where isSaid.insert(line).inserted {
      console.note(line)
    }
  }

  /// Names the checkpoints of finished runs: they were to be made again, and were stopped.
  private func unfinished(_ standings: Standings) -> [String] {
    let runs = standings.runs.filter { standings.isDone($0) && results.isBegun($0.id) }
    guard !runs.isEmpty else { return [] }
    let ids = runs.map(\.id)
    return [
      "begun to be made again and not ended, in \(results.checkpoints): "
        + "--again \(ids.prefix(20).joined(separator: ","))\(ids.count > 20 ? ",…" : "") goes on"
    ]
  }

  /// Sees whether the weights that runs begin with fit, and says what of the network they leave out.
  private func checkWeights(_ runs: [PlannedRun], _ console: Console) throws {
    guard let transfer = experiment.transfer else { return }
    var known: Set<[String]> = []
    for run in runs {
      let fresh = try transfer.freshParameters(
        of: run.graph, classNames: run.data.classNames, reading: .child)
      guard known.insert(fresh).inserted else { continue }
      console.note(
        fresh.isEmpty
          ? "all weights are from \(transfer.path)"
          : "not from \(transfer.path), begun afresh: \(fresh.joined(separator: ", "))")
    }
  }

  /// Reads every data set that lies in files once, so that a missing or damaged one is one error
  /// now and not one for every run. Pictures are all decoded, unless a run has begun: one that is
  /// damaged would else end it much later.
  private func checkData(_ runs: [PlannedRun], _ console: Console) throws {
    for (data, own) in Dictionary(grouping: runs, by: \.data) where data.origin != .code {
      let splits = try data.load(directory: dataDirectory)
      guard !own.contains(where: { results.isBegun($0.id) }) else { continue }
      try PictureCheck(isStrict: data.isStrict, console: console).run(splits)
    }
  }

  private func workerCommand(jobs: Int) -> [String] {
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    var command = [program, WorkerCommand.name, "\(getpid())", "--results", results.path]
    if let dataDirectory { command += ["--data", dataDirectory] }
    command += ["--threads", "\(threads(jobs: jobs))", "--jobs", "\(jobs)"]
    command += ["--checkpoint-every", "\(checkpointInterval)"]
    if keepsWeights { command.append("--keep-weights") }
    if !keptEpochs.isEmpty {
      command += ["--keep-epochs", keptEpochs.map(String.init).joined(separator: ",")]
    }
    if !results.usesLocks { command.append("--no-locks") }
    return command
  }
}
