// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings

/// Finds the width at which a network takes as long as another, by a clock.
///
/// A clock is not exact and of one machine: what it says never becomes part of an experiment. What is
/// found is a network of settled widths, which an experiment then says in so many words.
///
/// The multiply-adds lead: of a network that took t at c of them, the one of c·target/t is tried next,
/// until widths repeat. Then the nearest widths are measured by turns, so that what slows the machine
/// down slows down all of them, and the median that is closest wins.
public struct MeasuredMatching {
  /// Seconds or any other unit, one number a network, by turns: medians.
  public typealias Measure = ([NetworkDescription]) throws -> [Double]

  let input: Shape
  let classes: Int
  let hold: BudgetMatching.Hold
  /// Measured by turns with every candidate; nil where the target is a number.
  let reference: NetworkDescription?
  /// In the measure's unit; of no meaning beside a reference.
  let target: Double
  let measure: Measure

  /// Networks that are measured one after the other, at most.
  static let steps = 8

  /// - Parameters:
  ///   - reference: the network whose time is the target.
  ///   - target: the time, where there is no reference.
  public init(
    input: Shape, classes: Int, hold: BudgetMatching.Hold, reference: NetworkDescription?,
    target: Double = .nan, measure: @escaping Measure
  ) {
    (self.input, self.classes, self.hold) = (input, classes, hold)
    (self.reference, self.target, self.measure) = (reference, target, measure)
  }

  /// - Throws: where an experiment's budget is a time.
  static func refuseBudget(_ fields: Fields) throws(SettingsError) {
    guard fields.holds("quantity", "milliseconds") else { return }
    throw fields.error(
      "quantity",
      "cannot be: what a run is must not hang on a clock; `continuum match --quantity milliseconds` "
        + "measures widths, and the file then says them")
  }

  /// A network with its multiply-adds.
  private struct Candidate {
    let match: BudgetMatching.Match
    var multiplyAdds: Double { Double(match.count) }
  }

  /// The network, at the width that takes closest to the target.
  ///
  /// - Throws: `BudgetMatching.Failure` where it has no width; what measuring throws.
  public func closest(_ network: NetworkDescription) throws -> BudgetMatching.Match {
    let first = try multiplyAdds(of: reference ?? network)
    var candidate = try match(network, first)
    var known: [String] = []
    while known.count < Self.steps, !known.contains(key(candidate)) {
      known.append(key(candidate))
      let factor = try factor(of: [candidate])[0]
      candidate = try match(network, candidate.multiplyAdds * factor)
    }
    let near = try neighbours(of: candidate, network)
    let factors = try factor(of: near)
    let best = near.indices.min { abs(log(factors[$0])) < abs(log(factors[$1])) } ?? 0
    return near[best].match
  }

  /// Target over time, measured by turns.
  private func factor(of candidates: [Candidate]) throws -> [Double] {
    let networks = candidates.map(\.match.network)
    let times = try measure((reference.map { [$0] } ?? []) + networks)
    let aim = reference == nil ? target : times[0]
    return times.suffix(networks.count).map { aim / $0 }
  }

  /// The candidate and those of 2 and 4 per cent fewer and more multiply-adds, each width once.
  private func neighbours(
    of candidate: Candidate, _ network: NetworkDescription
  ) throws -> [Candidate] {
    var found: [Candidate] = []
    for factor in [0.96, 0.98, 1, 1.02, 1.04] {
      let next = try match(network, candidate.multiplyAdds * factor)
      if !found.contains(where: { key($0) == key(next) }) { found.append(next) }
    }
    return found
  }

  private func key(_ candidate: Candidate) -> String { candidate.match.width.canonicalText }

  private func match(
    _ network: NetworkDescription, _ multiplyAdds: Double
  ) throws(BudgetMatching.Failure) -> Candidate {
    let target = max(1, Int(min(multiplyAdds, 0x1p60).rounded()))
    return Candidate(
      match: try BudgetMatching.closest(
        network, BudgetMatching.Budget(.multiplyAdds, target: target, hold: hold), input: input,
        classes: classes))
  }

  private func multiplyAdds(
    of network: NetworkDescription
  ) throws(BudgetMatching.Failure) -> Double {
    let count = NetworkCount(quantity: .multiplyAdds, input: input, classes: classes)
    return Double(try count.required(network))
  }
}
