// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation

/// A process of `run`: not for people.
enum WorkerCommand: Command {
  static let name = "worker"
  static let summary = "do runs whose identifiers follow their experiment on standard input"
  static let operands = Operands(usage: "[PARENT]", count: 0...1)
  static let flags: [any AnyFlag] = SweepFlags.run + [SweepFlags.jobs]
  static let examples = ["continuum worker --results Results/quickstart < /dev/null"]
  static let computes = true
  static let isHidden = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    Interruption.listen(endsAtSecond: false)
    let parent = try arguments.operands.first.map { word in
      guard let number = pid_t(word) else {
        throw CommandError.refused("\"\(word)\" must be the number of the parent's process")
      }
      return number
    }
    let input = WorkerInput(parent: parent)
    guard let line = input.next() else { return }
    let experiment = try Experiment(line: line)
    let sweep = try Sweep(experiment, arguments, context)
    let worker = Worker(
      runs: try sweep.runs(), execution: sweep.execution(threads: context.threads),
      dataDirectory: sweep.dataDirectory)
    worker.serve(input)
  }
}
