import Datasets
import Engine
import ExperimentRunner
import Foundation
import Records
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

  init(_ experiment: Experiment, _ arguments: Arguments, _ context: Context) throws {
    self.experiment = experiment
    results = ResultsFolder(path: arguments.text("results") ?? "Results/\(experiment.name)")
    dataDirectory = arguments.text("data")
    threads = context.threads
    chosenJobs = try arguments.integer("jobs", in: 1...256)
    checkpointInterval = try arguments.integer("checkpoint-every", in: 0...86_400) ?? 30
    keepsWeights = arguments.has("keep-weights")
  }

  /// The fields that the command line replaces.
  static func overrides(_ arguments: Arguments, _ context: Context) -> [String] {
    arguments.texts("set") + (context.seed.map { ["seeds=[\($0)]"] } ?? [])
  }

  /// All runs of the experiment.
  func runs() throws -> [PlannedRun] { try plan().runs }

  /// All runs, and what the experiment leaves out.
  func plan() throws -> ExperimentPlan { try experiment.plan(data: dataDirectory) }

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
    RunExecution(
      experiment: experiment.name, results: results, threads: threads, jobs: chosenJobs ?? 1,
      checkpointInterval: Double(checkpointInterval), keepsWeights: keepsWeights,
      weightReading: .child)
  }

  /// Does all runs that are not done.
  func perform(
    _ runs: [PlannedRun], failFast: Bool, _ console: Console
  ) throws -> Scheduler.Summary {
    try DataCheck(results).check(runs, directory: dataDirectory)
    let open = runs.filter { !results.isDone($0.id) }
    let resumed = open.count { results.isBegun($0.id) }
    let jobs = try jobs(for: open)
    console.note(
      "\(experiment.name): \(runs.count) runs, \(runs.count - open.count) done before"
        + (resumed > 0 ? ", \(resumed) to go on with" : "")
        + (open.isEmpty ? "" : "; \(jobs) side by side")
        + (jobs < wantedJobs(for: open) ? ", for want of memory for more" : ""))
    guard !open.isEmpty else { return Scheduler.Summary() }
    try checkData(open, console)
    try checkWeights(open, console)
    try results.make()
    Interruption.listen(endsAtSecond: true)
    let scheduler = Scheduler(
      experiment, runs: open, jobs: jobs, failFast: failFast,
      command: workerCommand(jobs: jobs))
    var progress = SweepProgress(open, console: console)
    let summary = try scheduler.run { progress.update($0, $1) }
    console.endProgress()
    results.removeEmptyCheckpoints()
    return summary
  }

  /// Sees whether the weights that runs begin with fit, and says what of the network they leave out.
  private func checkWeights(_ runs: [PlannedRun], _ console: Console) throws {
    guard let transfer = experiment.transfer else { return }
    var known: Set<[String]> = []
    for run in runs {
      let fresh = try transfer.freshParameters(of: run.graph, reading: .child)
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
    for (data, own) in Dictionary(grouping: runs, by: \.data) where data.kind != .coupling {
      let splits = try data.load(directory: dataDirectory)
      guard !own.contains(where: { results.isBegun($0.id) }) else { continue }
      try PictureCheck.run(splits, console)
    }
  }

  private func workerCommand(jobs: Int) -> [String] {
    let program = Bundle.main.executablePath ?? CommandLine.arguments[0]
    var command = [program, WorkerCommand.name, "--results", results.path]
    if let dataDirectory { command += ["--data", dataDirectory] }
    command += ["--threads", "\(threads(jobs: jobs))", "--jobs", "\(jobs)"]
    command += ["--checkpoint-every", "\(checkpointInterval)"]
    if keepsWeights { command.append("--keep-weights") }
    return command
  }
}

/// How far a sweep has come, in steps over all its runs.
struct SweepProgress {
  private let console: Console
  private let total: Int
  private let count: Int
  private var steps: [String: Int] = [:]
  private var ended = 0

  init(_ runs: [PlannedRun], console: Console) {
    self.console = console
    count = runs.count
    total = runs.reduce(0) { $0 + $1.steps }
  }

  mutating func update(_ run: PlannedRun, _ event: RunEvent) {
    switch event.kind {
    case .progress:
      steps[run.id] = event.step
    case .waiting:
      console.note("waiting for another process, which does \(run.title)")
    case .finished:
      ended += 1
      steps[run.id] = run.steps
      console.note("done \(ended)/\(count): \(run.title)")
    case .failed, .error:
      ended += 1
      steps[run.id] = run.steps
      console.note("failed \(ended)/\(count): \(run.title): \(event.message ?? "")")
    case .interrupted:
      break
    }
    let done = steps.values.reduce(0, +)
    console.progress("\(ended)/\(count) runs", fraction: Double(done) / Double(max(total, 1)))
  }
}
