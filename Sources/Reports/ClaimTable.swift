// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings
import Statistics
import Tables

/// The paper's claims that experiments test, with what the results so far say of them.
public struct ClaimTable: Sendable {
  public let verdicts: [ClaimVerdict]
  /// What could not be read, a sentence each.
  public private(set) var damaged: [String] = []

  /// - Parameter results: the folder that holds one of results for each experiment.
  public init(results: String, claims: [ExperimentClaim] = ExperimentClaim.all) {
    var (known, damaged) = ([String: RunCollection](), [String]())
    for name in Set(claims.map(\.experiment)).sorted() {
      let folder = (results as NSString).appendingPathComponent(name)
      guard FileManager.default.fileExists(atPath: folder) else { continue }
      do {
        let runs = try RunCollection(folders: [folder])
        known[name] = runs
        damaged += runs.damaged.map(\.description)
      } catch {
        damaged.append(error.description)
      }
    }
    self.init(known, claims: claims)
    self.damaged = damaged
  }

  /// - Parameter runs: by experiment.
  init(_ runs: [String: RunCollection], claims: [ExperimentClaim] = ExperimentClaim.all) {
    verdicts = claims.map { ClaimVerdict($0, runs[$0.experiment], of: claims.count) }
  }

  /// For people.
  public var readable: TextTable {
    var table = TextTable([
      "place", "claim", "experiment", "expected", "effect", "interval", "n", "verdict",
    ])
    table.rows = verdicts.map { verdict in
      let claim = verdict.claim
      return [
        .text(claim.place), .text(claim.statement), .text(claim.experiment),
        .text(claim.expectedText),
        verdict.finding.map { .text(claim.text($0.estimate.value, signed: true)) } ?? .empty,
        verdict.finding?.interval.map { interval in
          .text(
            "\(claim.number(interval.lowerBound, signed: true)) to "
              + claim.text(interval.upperBound, signed: true))
        } ?? .empty,
        verdict.finding.map { .integer($0.seeds) } ?? .empty, .text(verdict.verdict.rawValue),
      ]
    }
    return table
  }

  /// Keys and values of every claim, in fractions.
  public var rows: [[(key: String, value: JSON)]] {
    verdicts.map { verdict in
      let finding = verdict.finding
      return [
        ("place", .string(verdict.claim.place)), ("claim", .string(verdict.claim.statement)),
        ("experiment", .string(verdict.claim.experiment)),
        ("metric", .string(verdict.claim.metric)),
        ("expected", .string(verdict.claim.expectedText)),
        ("effect", .known(finding?.estimate.value)),
        ("low", .known(finding?.interval?.lowerBound)),
        ("high", .known(finding?.interval?.upperBound)),
        ("rows", finding.map { .integer($0.rows) } ?? .null),
        ("n", finding.map { .integer($0.seeds) } ?? .null),
        (
          "over", finding.map { .string($0.absence == nil ? "seeds and images" : "seeds") } ?? .null
        ),
        ("verdict", .string(verdict.verdict.rawValue)),
        ("reason", verdict.reason.map(JSON.string) ?? .null),
      ]
    }
  }

  /// For programs.
  public var data: TextTable {
    var table = TextTable((rows.first ?? []).map(\.key))
    table.rows = rows.map { row in row.map { ResultTable.cell($0.value) } }
    return table
  }

  /// One or more sentences each, without markup.
  public var notes: [String] {
    var notes = [
      "Confirmed: the whole interval lies where the paper has the effect; contradicted: none of it "
        + "does; undecided: some of it. Intervals over seeds and test images (two-way random effects) "
        + "hold for all \(verdicts.count) claims together with 95 % (Bonferroni)."
    ]
    if verdicts.contains(where: { $0.finding?.seeds == 1 }) {
      notes.append("One seed says nothing of the spread between seeds: there is no interval.")
    }
    let alone = verdicts.compactMap { $0.finding?.absence?.words }
    if !alone.isEmpty {
      notes.append("Over seeds alone: \(Set(alone).sorted().joined(separator: "; ")).")
    }
    notes += verdicts.compactMap { verdict in
      verdict.reason.map { "\(verdict.claim.place), \(verdict.claim.experiment): \($0)." }
    }.reduce(into: []) { known, note in if !known.contains(note) { known.append(note) } }
    return notes
  }
}

extension ExperimentClaim {
  private var unit: String {
    guard Metric(key: metric).isFraction else { return "" }
    return " points\(isSlope ? " a doubling" : "")"
  }

  private var isSlope: Bool {
    if case .slopeOverSegmentWidth = effect { true } else { false }
  }

  func number(_ value: Double, signed: Bool = false) -> String {
    let scaled = value * Metric(key: metric).scale
    let decimals = Metric(key: metric).isFraction ? 2 : NumberText.decimals(for: value)
    return NumberText.fixed(scaled, decimals: decimals, signed: signed)
  }

  func text(_ value: Double, signed: Bool = false) -> String {
    number(value, signed: signed) + unit
  }

  var expectedText: String {
    switch expectation {
    case .positive: "> 0"
    case .within(let margin): "within ±\(text(margin))"
    }
  }
}
