import ExperimentRunner
import Foundation

/// What a sweep would do: its runs, what they cost and how long they would take here.
struct DryRun {
  let runs: [PlannedRun]
  let sweep: Sweep
  let console: Console

  /// A table of the points and the estimated time, from a few steps of every network.
  func text() throws -> String {
    var lines = [
      "| point | seeds | parameters | multiply-adds | mismatch | steps | ms/step |",
      "|---|---:|---:|---:|---:|---:|---:|",
    ]
    var seconds = 0.0
    var measured: [String: Double] = [:]
    let points = Dictionary(grouping: runs) { $0.point }
    let order = runs.map(\.point).reduce(into: [String]()) { order, point in
      if order.last != point { order.append(point) }
    }
    let threads = sweep.threads(for: runs.count)
    for (index, point) in order.enumerated() {
      guard let group = points[point], let run = group.first else { continue }
      console.progress("measuring steps", fraction: Double(index) / Double(order.count))
      let network = run.network.settings.canonicalText
      let step =
        try measured[network]
        ?? StepTiming.seconds(
          run.graph, batch: run.training.batch, threads: threads)
      measured[network] = step
      let open = group.count { !sweep.results.isDone($0.id) }
      seconds += step * Double(run.steps * open)
      lines.append(row(point, group, run, step))
    }
    console.endProgress()
    let jobs = sweep.jobs(for: runs.count)
    let done = runs.count { sweep.results.isDone($0.id) }
    lines.append("")
    lines.append(
      "\(runs.count) runs, \(done) done; \(jobs) side by side with \(threads) "
        + "thread\(threads == 1 ? "" : "s") each: about \(Console.time(seconds / Double(jobs)))")
    return lines.joined(separator: "\n") + "\n"
  }

  private func row(
    _ point: String, _ group: [PlannedRun], _ run: PlannedRun, _ step: Double
  ) -> String {
    let cost = run.graph.cost
    let mismatch = run.budget.map { Self.percent($0.mismatch) } ?? "–"
    return "| \(point) | \(group.count) | \(cost.trainableParameters) | \(cost.multiplyAdds) "
      + "| \(mismatch) | \(run.steps) | \(Self.fixed(1000 * step, digits: 2)) |"
  }

  private static func percent(_ share: Double) -> String {
    (share >= 0 ? "+" : "") + fixed(100 * share, digits: 2) + " %"
  }

  private static func fixed(_ number: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", number)
  }
}
