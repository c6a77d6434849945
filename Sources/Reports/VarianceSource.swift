// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics
import Tables

/// Variance components of the difference of two arms, and where they are from.
public struct VarianceSource: Sendable {
  public let components: VarianceComponents
  /// What runs they are of, for a sentence.
  public let text: String

  /// Those of real runs: the mean over groups of rows that one budget and one test set make
  /// comparable, each with two seeds at least.
  ///
  /// - Throws: where no two rows can be compared by seed and test image.
  public init(_ runs: RunCollection, folders: String) throws(ReportError) {
    let points = try ResultTable(runs).points
    var cache = AnswerCache()
    let groups = try BestSet(points, "test/top1", &cache).groups.compactMap(\.analysis)
      .filter { $0.absence == nil }
    let fitted = groups.compactMap { group in
      VarianceComponents(group.table).map { (components: $0, group: group) }
    }
    guard !fitted.isEmpty else {
      throw ReportError(
        "\(folders): must hold predictions of two rows on one test set, each of two seeds at least, "
          + "for variances to be taken from")
    }
    func mean(_ part: (VarianceComponents) -> Double) -> Double {
      fitted.reduce(0) { $0 + part($1.components) } / Double(fitted.count)
    }
    components = VarianceComponents(
      seed: mean(\.seed), image: mean(\.image), residual: mean(\.residual))
    let rows = fitted.reduce(0) { $0 + $1.group.table.arms }
    let seeds = Set(fitted.map(\.group.seeds.count)).sorted().map(String.init)
    text = "\(folders): \(rows) rows of \(seeds.joined(separator: " or ")) seeds"
  }

  private init(_ components: VarianceComponents, _ text: String) {
    (self.components, self.text) = (components, text)
  }

  /// What is taken for photographs where nothing else is said.
  public static let photographs = VarianceSource(
    VarianceComponents(seed: 4.503e-5, image: 8.2336e-3, residual: 0.10861),
    "Results/cifar10-continuum: 6 rows of 2 seeds")

  /// What is taken for the made-up textures of `coupling`.
  public static let textures = VarianceSource(
    VarianceComponents(seed: 7.7301e-3, image: 9.7313e-3, residual: 0.19058),
    "Results/quickstart: 14 rows of 7 seeds")
}

/// What a sweep will be able to find, before it is run.
public struct SweepForecast: Sendable {
  /// Comparisons that share the error of 5 %.
  public enum Family: CaseIterable, Sendable {
    case single, reference, allPairs

    var power: Power.Family {
      switch self {
      case .single: .single
      case .reference: .reference
      case .allPairs: .allPairs
      }
    }

    public func comparisons(of arms: Int) -> Int {
      switch self {
      case .single: 1
      case .reference: arms - 1
      case .allPairs: arms * (arms - 1) / 2
      }
    }
  }

  public let source: VarianceSource
  public let arms: Int
  public let images: Int
  public let seeds: Int

  /// - Parameter arms: that are compared with each other, two at least.
  public init(_ source: VarianceSource, arms: Int, images: Int, seeds: Int) {
    precondition(arms > 1 && images > 1 && seeds > 0, "a forecast is of comparisons")
    (self.source, self.arms, self.images, self.seeds) = (source, arms, images, seeds)
  }

  /// The least true difference of accuracies that is found with a probability of 80 %; nil for one
  /// seed.
  public func detectable(_ family: Family) -> Double? {
    power(family).detectableDifference(seeds: seeds)
  }

  /// How many seeds find differences of accuracies with a probability of 80 %; nil where not even
  /// 1,000 do, as chance lies in the test images, too.
  public func seeds(toDetect differences: [Double], _ family: Family) -> [Int?] {
    let power = power(family)
    return differences.map { power.seeds(toDetect: $0) }
  }

  private func power(_ family: Family) -> Power {
    Power(source.components, images: images, arms: arms, family: family.power)
  }
}
