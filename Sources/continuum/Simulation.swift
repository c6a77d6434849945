// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Reports
import Tables

/// What a sweep will be able to find, before anything is trained.
struct Simulation {
  private let runs: [PlannedRun]
  private let hasReference: Bool
  private let seeds: Int
  private let images: Int
  /// Nil where there is nothing to compare.
  private let forecast: SweepForecast?

  /// - Throws: where `--like` names no folder of runs that variances can be taken from.
  init(_ experiment: Experiment, _ runs: [PlannedRun], _ arguments: Arguments) throws {
    self.runs = runs
    hasReference = experiment.reference != nil
    seeds = Set(runs.map(\.seed)).count
    images = runs.map(\.data.testedImageCount).min() ?? 0
    let wantsLike = arguments.has(Run.Flags.simulate) || arguments.has(Run.Flags.dryRun)
    guard wantsLike || !arguments.has(Run.Flags.like) else {
      throw CommandError.refused("--like means nothing without --simulate or --dry-run")
    }
    let arms = wantsLike ? experiment.comparedArms(runs) : 1
    guard arms > 1, images > 1 else {
      forecast = nil
      return
    }
    forecast = SweepForecast(
      try Self.source(runs, arguments), arms: arms, images: images, seeds: seeds)
  }

  private static func source(
    _ runs: [PlannedRun], _ arguments: Arguments
  ) throws -> VarianceSource {
    if let folder = arguments[Run.Flags.like] {
      return try VarianceSource(try RunCollection(folders: [folder]), folders: folder)
    }
    return runs.allSatisfy { $0.data.origin == .code } ? .textures : .photographs
  }

  private var plan: String {
    "\(Words.count(seeds, "seed")) and \(NumberText.grouped(images)) test images"
  }

  private static let nothing =
    "no two arms have one test set and one budget: there is nothing to compare"

  /// One line for a dry run.
  var line: String {
    guard let forecast else { return Self.nothing }
    let family = hasReference ? SweepForecast.Family.reference : .allPairs
    let words = hasReference ? "from the reference" : "between any two of \(forecast.arms) arms"
    guard let least = forecast.detectable(family) else {
      return "1 seed tells nothing apart: give at least 2 (--simulate says how many)"
    }
    return "\(plan) find a true difference \(words) of \(Self.points(least)) points with a "
      + "probability of 80 %, by the variances of \(forecast.source.text); --simulate tells more"
  }

  private static func points(_ share: Double) -> String {
    NumberText.fixed(100 * share, decimals: 2)
  }

  /// The whole for `--simulate`.
  var text: String {
    guard let forecast else { return Self.nothing + "\n" }
    let differences = [0.005, 0.01]
    var table = TextTable([
      "comparisons", "how many", "found at 80 % (points)", "seeds for 0.5 points",
      "seeds for 1 point",
    ])
    let needed = SweepForecast.Family.allCases.map { family in
      (family: family, seeds: forecast.seeds(toDetect: differences, family))
    }
    table.rows = needed.map { family, seeds in
      [
        .text(Self.words(family)), .integer(family.comparisons(of: forecast.arms)),
        forecast.detectable(family).map { .written(Self.points($0)) } ?? .empty,
      ] + seeds.map { count in count.map { .integer($0) } ?? .text("none") }
    }
    let hasNone = needed.contains { $0.seeds.contains(nil) }
    return table.rendered(as: .text) + "\n"
      + notes(forecast, hasNone: hasNone).map { "\($0)\n" }.joined()
  }

  private static func words(_ family: SweepForecast.Family) -> String {
    switch family {
    case .single: "one, named before"
    case .reference: "every arm with the reference (Dunnett)"
    case .allPairs: "all pairs (Tukey)"
    }
  }

  private func notes(_ forecast: SweepForecast, hasNone: Bool) -> [String] {
    let parts = forecast.source.components
    func deviation(_ variance: Double) -> String { Self.points(variance.squareRoot()) }
    let one =
      seeds == 1 ? ["1 seed tells nothing apart: there is no difference that it finds."] : []
    let none =
      "none: not even 1,000 seeds find it, as where too much of the chance lies in the test images, "
      + "which more seeds do not lessen."
    return one + [
      "\(plan), \(forecast.arms) arms that are compared with each other; the level of 5 % is that "
        + "of all comparisons of a line together.",
      "Variances of \(forecast.source.text): the difference of two arms scatters by "
        + "\(deviation(parts.seed)) points from seed to seed, and between test images by "
        + "\(deviation(parts.image)) for all seeds alike and \(deviation(parts.residual)) for each.",
    ] + (hasNone ? [none] : []) + [
      "Another network, schedule or data set scatters otherwise: --like RESULTS takes the variances "
        + "of other finished runs, as of this experiment's first ones."
    ]
  }
}
