// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import RandomStreams
import Records

/// `verify`: whether a results folder holds what it says.
enum Verify: Command {
  enum Format: String, CaseIterable { case text, json }

  static let name = "verify"
  static let summary = "whether results are whole, fit their data, and come out the same again"
  static let operands = Operands(usage: "RESULTS", count: 1...1)
  enum Flags {
    static let sample = Flag(
      "sample", "K", default: 1, in: 0...1_000_000,
      "make so many of the runs again and compare them")
    static let format = CommonFlags.format(default: Format.text)
  }
  static let flags: [any AnyFlag] = [CommonFlags.data, Flags.sample, Flags.format]
  static let discussion = """
    RESULTS is a results folder. Of every run file, checkpoint, kept weight file and record of an
    experiment the checksum or the name, the form and the completeness are looked at: that a run is
    the one that its configuration names, that its network costs what it says, that it has every
    epoch, that its accuracy is that of its predictions. Data sets are read whole and compared with
    what the runs saw, where they are at hand; those made in code are compared with a sampled run.

    --sample K makes K finished runs again, which --seed draws, in a temporary folder, and compares
    every curve, metric, prediction and kept weight bit for bit; 0 makes none. Runs that were made
    with kernels of another level, or other libraries, have other last bits: they are never drawn, and
    named as not comparable. Exit 1 where anything is damaged or differs.
    """
  static let examples = [
    "continuum verify Results/coupling",
    "continuum verify Results/coupling --sample 0 --format json",
  ]
  static let computes = true

  static func run(_ arguments: Arguments, _ context: Context) throws {
    let format = try arguments[Flags.format]
    let count = try arguments[Flags.sample]
    let directory = arguments[CommonFlags.data]
    var report = VerificationReport(
      try ResultsVerification(ResultsFolder(path: arguments.operands[0]), data: directory))
    let sample = sample(count, of: &report, seed: context.seed ?? 0)
    if !sample.isEmpty { Interruption.listen(endsAtSecond: true) }
    for run in sample {
      guard try repeatRun(run, directory, &report, context) else {
        throw CommandError.interrupted("stopped; nothing was changed")
      }
    }
    try Output.write(format == .json ? report.json.rendered : report.text)
    guard report.isSound else {
      throw CommandError.failed(
        "\(arguments.operands[0]): \(Words.count(report.faultCount, "fault")); see above")
    }
  }

  /// Of the runs that must come out the same here, some; and a sentence about those that need not.
  private static func sample(
    _ count: Int, of report: inout VerificationReport, seed: UInt64
  ) -> [ResultsVerification.SoundRun] {
    guard count > 0 else { return [] }
    let finished = report.verification.runs.filter {
      $0.record.failure == nil && $0.plan != nil && !$0.lacksData
    }
    var candidates: [ResultsVerification.SoundRun] = []
    var hindrances: [String: Int] = [:]
    for run in finished {
      if let hindrance = RunRepetition.hindrance(to: run.record) {
        hindrances[hindrance, default: 0] += 1
      } else {
        candidates.append(run)
      }
    }
    report.incomparable = hindrances.sorted { $0.key < $1.key }.map {
      "\(Words.count($0.value, "run")) not comparable bit for bit: \($0.key)"
    }
    var stream = RandomStream(seed: seed, "verify")
    let order = stream.permutation(of: candidates.count)
    return order.prefix(count).map { candidates[$0] }
  }

  /// - Returns: false where the user stopped it.
  private static func repeatRun(
    _ run: ResultsVerification.SoundRun, _ directory: String?,
    _ report: inout VerificationReport, _ context: Context
  ) throws -> Bool {
    guard let plan = run.plan else { return true }
    context.console.note(
      "making \(run.record.id) again, which took \(Console.time(run.record.provenance.seconds))")
    try SweepMemory([plan], free: .now) { _ in context.threads }.check(jobs: 1)
    let repetition = try RunRepetition(of: run.file, as: plan)
    let outcome = try repetition.perform(
      threads: context.threads, data: directory, weightReading: .child
    ) { event in
      context.console.progress(
        run.record.id, fraction: Double(event.step) / Double(max(event.steps, 1)))
      return true
    }
    context.console.endProgress()
    switch outcome {
    case .same: report.repeated.append((run.record.id, nil))
    case .other(let difference):
      report.repeated.append((run.record.id, "\(difference); \(Self.programs(run.record))"))
    case .interrupted: return false
    }
    return true
  }

  /// Which programs made the run and its repetition.
  private static func programs(_ record: RunRecord) -> String {
    let made = Set([record.provenance.commit] + record.provenance.sessions.map(\.commit)).sorted()
    return "made by \(made.joined(separator: ", ")), and this is \(Provenance.commit)"
  }
}
