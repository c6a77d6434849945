import ExperimentRunner
import Foundation
import Tables

/// How far a sweep has come, in steps over all its runs, and what each running one does.
struct SweepProgress {
  private let console: Console
  private let total: Int
  private let count: Int
  private var steps: [String: Int] = [:]
  private var ended = 0
  /// In the order in which they began.
  private var running: [RunningJob] = []

  init(_ runs: [PlannedRun], console: Console) {
    self.console = console
    count = runs.count
    total = runs.reduce(0) { $0 + $1.steps }
  }

  mutating func update(_ run: PlannedRun, _ event: RunEvent) {
    switch event.kind {
    case .progress, .evaluation: goOn(run, event)
    case .waiting: console.note("waiting for another process, which does \(run.title)")
    case .busy:
      let next = event.message.map { "; \($0)" } ?? ""
      console.log("another process does \(run.title)\(next)")
    case .restarted:
      leave(run)
      console.note("\(run.title): \(event.message ?? ""); it goes on in a new process")
    case .finished:
      end(run)
      console.note("done \(ended)/\(count): \(run.title)")
      if let difference = event.message {
        console.note("its results differ from those before: \(difference)")
      }
    case .found:
      end(run)
      console.note("done by another process \(ended)/\(count): \(run.title)")
    case .failed, .error:
      end(run)
      console.note("failed \(ended)/\(count): \(run.title): \(event.message ?? "")")
    case .interrupted: leave(run)
    }
    let done = steps.values.reduce(0, +)
    console.progress(
      "\(ended)/\(count) runs", fraction: Double(done) / Double(max(total, 1))
    ) { columns in running.map { $0.line(columns: columns) } }
  }

  private mutating func goOn(_ run: PlannedRun, _ event: RunEvent) {
    steps[run.id] = event.step
    if event.kind == .evaluation {
      console.log(RunningJob.evaluation(run, event))
    }
    if let index = running.firstIndex(where: { $0.run.id == run.id }) {
      running[index].last = event
    } else {
      running.append(RunningJob(run, event))
    }
  }

  private mutating func end(_ run: PlannedRun) {
    ended += 1
    steps[run.id] = run.steps
    leave(run)
  }

  private mutating func leave(_ run: PlannedRun) {
    running.removeAll { $0.run.id == run.id }
  }
}

/// A run in progress, as one line.
struct RunningJob {
  let run: PlannedRun
  var last: RunEvent
  private let began = SuspendingClock.now
  /// Steps done when it was first heard of: they took none of this time.
  private let firstStep: Int

  init(_ run: PlannedRun, _ event: RunEvent) {
    (self.run, last, firstStep) = (run, event, event.step)
  }

  /// `regular-conv, seed 0: epoch 3 of 12, train loss 0.5312, test top-1 71.3 %, 5,320 images/s`.
  static func evaluation(_ run: PlannedRun, _ event: RunEvent) -> String {
    let parts = ["epoch \(event.epoch) of \(event.epochs)"] + measures(event)
    return "\(run.title): \(parts.joined(separator: ", "))"
  }

  /// The same for a terminal, with the step and the time left. What is too long for it gives way:
  /// first the middle of the title, then the step, then the rate.
  func line(columns: Int) -> String {
    let step = "step \(NumberText.grouped(last.step))/\(NumberText.grouped(last.steps))"
    let epoch = "epoch \(min(last.epoch + 1, last.epochs))/\(last.epochs)"
    var parts = [epoch, step] + Self.measures(last)
    if let left = secondsLeft { parts.append("\(Console.time(left)) left") }
    let shortest = 20
    for least in [step, Self.rate(last)] {
      guard shortest + parts.joined(separator: "  ").count > columns - 3 else { break }
      parts.removeAll { $0 == least }
    }
    let state = parts.joined(separator: "  ")
    return "\(title(atMost: max(shortest, columns - state.count - 3)))  \(state)"
  }

  /// The point's beginning and the seed.
  private func title(atMost length: Int) -> String {
    guard run.title.count > length else { return run.title }
    let seed = "…, seed \(run.seed)"
    return run.title.prefix(max(0, length - seed.count)) + seed
  }

  private static func measures(_ event: RunEvent) -> [String] {
    var parts: [String] = []
    if let loss = event.trainLoss {
      parts.append("train loss \(Words.loss(loss))")
    }
    if let accuracy = event.accuracy, let name = event.accuracyName {
      let words = name.replacing("/top", with: " top-")
      parts.append("\(words) \(NumberText.fixed(100 * accuracy, decimals: 1)) %")
    }
    return parts + [rate(event)].compactMap { $0 }
  }

  private static func rate(_ event: RunEvent) -> String? {
    event.imagesPerSecond.map {
      "\(NumberText.fixed($0, decimals: $0 < 10 ? 1 : 0)) images/s"
    }
  }

  private var secondsLeft: Double? {
    let seconds = (SuspendingClock.now - began) / .seconds(1)
    let steps = last.step - firstStep
    guard steps > 0, seconds > 0.5 else { return nil }
    return seconds * Double(last.steps - last.step) / Double(steps)
  }
}
