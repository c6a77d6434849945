// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Records

/// What `verify` found, for people and for programs.
struct VerificationReport {
  let verification: ResultsVerification
  /// Why runs were not drawn, one sentence each.
  var incomparable: [String] = []
  /// Runs that were made again, and in what each differs.
  var repeated: [(id: String, difference: String?)] = []

  init(_ verification: ResultsVerification) {
    self.verification = verification
  }

  var faultCount: Int { verification.faults.count + repeated.count { $0.difference != nil } }
  var isSound: Bool { faultCount == 0 }

  var text: String {
    let counts = [
      (verification.runFiles, "run file"), (verification.checkpoints, "checkpoint"),
      (verification.weightFiles, "file of kept weights"),
      (verification.experiments.count, "experiment"),
    ]
    let found = counts.filter { $0.0 > 0 }.map { number, noun in
      noun == "file of kept weights" && number != 1
        ? "\(number) files of kept weights" : Words.count(number, noun)
    }
    var lines = ["\(verification.results.path): \(found.joined(separator: ", "))"]
    lines += section("wrong", verification.faults.map { "\($0.file): \($0.reason)" })
    lines += section("made again", repeated.map { "\($0.id): \($0.difference ?? Self.same)" })
    lines += section("same", verification.confirmed)
    lines += section(
      "the next `continuum run` does",
      Standings.shortened(verification.open.map { "\($0.id): \($0.reason)" }))
    lines += section("not wrong", verification.notes + incomparable)
    if isSound { lines.append("nothing is wrong") }
    return lines.map { Console.oneLine($0) + "\n" }.joined()
  }

  private static let same = "every bit the same"

  private func section(_ title: String, _ lines: [String]) -> [String] {
    lines.isEmpty ? [] : ["\(title):"] + lines.map { "  \($0)" }
  }

  var json: JSONDocument {
    .object([
      ("results", .text(verification.results.path)),
      ("sound", .value(.bool(isSound))),
      (
        "files",
        .object([
          ("runs", .integer(verification.runFiles)),
          ("checkpoints", .integer(verification.checkpoints)),
          ("weights", .integer(verification.weightFiles)),
          ("experiments", .integer(verification.experiments.count)),
        ])
      ),
      (
        "faults",
        .list(
          verification.faults.map {
            .object([("file", .text($0.file)), ("reason", .text($0.reason))])
          })
      ),
      (
        "repeated",
        .list(
          repeated.map {
            .object([
              ("id", .text($0.id)), ("same", .value(.bool($0.difference == nil))),
              ("difference", $0.difference.map(JSONDocument.text) ?? .value(.null)),
            ])
          })
      ),
      ("confirmed", .texts(verification.confirmed)),
      (
        "open",
        .list(
          verification.open.map {
            .object([("id", .text($0.id)), ("reason", .text($0.reason))])
          })
      ),
      ("notes", .texts(verification.notes + incomparable)),
    ])
  }
}
