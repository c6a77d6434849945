// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Records
import Settings

/// How the runs of a sweep stand in its results folder before anything is done: which are done,
/// which are made again and why.
struct Standings {
  let runs: [PlannedRun]
  private let standings: [String: RunStanding]

  /// - Parameter again: `FAILED`, or identifiers of runs that are to be made again.
  /// - Throws: an identifier that no run has; a run file that is not ours to replace.
  init(
    _ runs: [PlannedRun], in results: ResultsFolder, again: [String], wantsWeights: Bool
  ) throws {
    self.runs = runs
    let ids = runs.map(\.id)
    for word in again where word != "FAILED" && !ids.contains(word) {
      throw SettingsError(
        source: "--again", field: "", value: "\"\(word)\"",
        rule: "must be FAILED or identifiers of the experiment's runs, as their files are named",
        suggestion: Spelling.nearest(to: word, among: ["FAILED"] + ids))
    }
    var standings: [String: RunStanding] = [:]
    for run in runs {
      standings[run.id] = try RunStanding(
        of: run, in: results, isNamed: again.contains(run.id),
        remakesFailed: again.contains("FAILED"), wantsWeights: wantsWeights)
    }
    self.standings = standings
  }

  func isDone(_ run: PlannedRun) -> Bool { standings[run.id]?.isDone ?? false }

  /// How many runs are done: `6 done`, and how many of these failed, where some did.
  ///
  /// - Parameter when: what follows `done`.
  func done(_ when: String = "") -> String {
    let done = runs.filter(isDone)
    let failed = done.count { standings[$0.id]?.record?.failure != nil }
    let words = "\(done.count) done\(when)"
    if failed == 0 { return words }
    return words + (done.count == 1 ? ", which failed" : ", \(failed) of them failed")
  }

  /// What a file said that is still the one that was read.
  func record(of run: PlannedRun, stamp: String?) -> RunRecord? {
    guard let standing = standings[run.id], standing.stamp == stamp else { return nil }
    return standing.record
  }

  /// Runs that are to be done.
  var open: [PlannedRun] { runs.filter { !isDone($0) } }

  /// Of these, the ones that have a file.
  var remade: [PlannedRun] { runs.filter { standings[$0.id]?.reason != nil } }

  /// The files that new ones are to replace, by their runs.
  var stamps: [String: String] {
    standings.compactMapValues { $0.isDone ? nil : $0.stamp }
  }

  /// A line for each run that is made again, and why.
  var notes: [String] {
    let lines = runs.compactMap { standings[$0.id]?.note(of: $0) }
    guard !lines.isEmpty else { return [] }
    return ["made again; each old file stays until the new one is finished:"]
      + Self.shortened(lines.map { "  \($0)" })
  }

  /// The first lines, and how many more there are.
  static func shortened(_ lines: [String], to most: Int = 20) -> [String] {
    guard lines.count > most else { return lines }
    return lines.prefix(most - 1) + ["  … and \(lines.count - most + 1) more"]
  }
}
