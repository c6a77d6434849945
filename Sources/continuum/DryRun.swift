// SPDX-License-Identifier: Apache-2.0

import Engine
import ExperimentRunner
import Foundation
import Records
import Tables

/// What a sweep would do: its runs, what they cost and how long they would take here.
struct DryRun {
  private let runs: [PlannedRun]
  private let standings: Standings
  private let sweep: Sweep
  private let console: Console
  private let jobs: Int
  /// Why the memory of this machine would not do.
  private let shortage: MemoryShortage?

  init(_ standings: Standings, sweep: Sweep, console: Console) {
    (self.standings, self.sweep, self.console) = (standings, sweep, console)
    runs = standings.runs
    do {
      (jobs, shortage) = (try sweep.jobs(for: runs), nil)
    } catch {
      (jobs, shortage) = (sweep.wantedJobs(for: runs), error)
    }
  }

  /// A point of the sweep with the time of its steps.
  private struct Point {
    let name: String
    let runs: [PlannedRun]
    let step: StepTiming
    let budget: RunRecord.Budget?
    /// Whether its runs are another point's, too, and count there.
    var isTwin = false
  }

  /// A table of the points and the estimated time, from a few steps of every network.
  func text() throws -> String {
    let points = try self.points()
    var table = TextTable([
      "point", "seeds", "parameters", "multiply-adds", "mismatch (%)", "steps", "ms/step",
    ])
    table.rows = points.compactMap(row)
    let seconds = points.filter { !$0.isTwin }.reduce(0) { sum, point in
      let open = point.runs.filter { !standings.isDone($0) }
      return sum + point.step.seconds * Double(open.reduce(0) { $0 + $1.steps })
    }
    let (jobs, threads) = (jobs, sweep.threads(jobs: jobs))
    var lines = [
      "\(Words.count(runs.count, "run")), \(standings.done()); \(jobs) side by side with \(threads) "
        + "thread\(threads == 1 ? "" : "s") each: about \(Console.time(seconds / Double(jobs)))"
    ]
    if let shortage { lines.append("here `run` would refuse it: \(shortage)") }
    if points.contains(where: { !$0.step.isMeasured }) {
      lines.append(
        "≈ from fewer images or from the multiply-adds: the step is too large to be tried")
    }
    let width = Output.terminalWidth
    return table.rendered(as: .text, width: width) + "\n"
      + lines.map { PrintableText.paragraph($0, width: width) }.joined()
  }

  private func points() throws -> [Point] {
    let groups = Dictionary(grouping: runs) { $0.point }
    // A point's runs follow one another.
    let names = runs.map(\.point).reduce(into: [String]()) { names, name in
      if names.last != name { names.append(name) }
    }
    let threads = sweep.threads(jobs: jobs)
    var known: [String: StepTiming] = [:]
    defer { console.endProgress() }
    return try names.enumerated().flatMap { index, name -> [Point] in
      guard let group = groups[name], let run = group.first else { return [] }
      console.progress("measuring steps", fraction: Double(index) / Double(names.count))
      let key =
        "\(run.network.settings.canonicalText) \(run.graph.inputShape) \(run.training.batch)"
      let step =
        try known[key] ?? StepTiming(run.graph, batch: run.training.batch, threads: threads)
      known[key] = step
      return [Point(name: name, runs: group, step: step, budget: run.budget)]
        + run.twins.map { twin in
          Point(name: twin.point, runs: group, step: step, budget: twin.budget, isTwin: true)
        }
    }
  }

  private func row(_ point: Point) -> [TextTable.Cell]? {
    guard let run = point.runs.first else { return nil }
    let cost = run.graph.cost
    let time = NumberText.fixed(1000 * point.step.seconds, decimals: 2)
    return [
      .text(point.name), .integer(point.runs.count), .integer(cost.trainableParameters),
      .integer(cost.multiplyAdds),
      point.budget.map { .number(100 * $0.mismatch, decimals: 2, signed: true) } ?? .empty,
      .integer(run.steps), .written(point.step.isMeasured ? time : "≈ \(time)"),
    ]
  }
}
