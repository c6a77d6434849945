import ExperimentRunner

/// A process of `run`: not for people.
enum WorkerCommand: Command {
  static let name = "worker"
  static let summary = "do runs whose identifiers are read from standard input"
  static let operands = Operands(usage: "EXPERIMENT", count: 1...1)
  static let options = SweepOptions.all
  static let examples = ["continuum worker Experiments/quickstart < /dev/null"]
  static let computes = true
  static let isHidden = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    Interruption.listen(endsAtSecond: false)
    let sweep = try Sweep(arguments, context, experiment: arguments.operands[0])
    try sweep.results.make()
    let worker = Worker(
      runs: try sweep.runs(), execution: sweep.execution(threads: context.threads),
      dataDirectory: sweep.dataDirectory)
    if !worker.serve() { throw CommandError.interrupted("stopped") }
  }
}
