// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The two-way random effects analysis of arms whose seeds and test images are crossed: seeds stand
/// for the readers, images for the cases.
///
/// For a contrast w of the arms, d[s,i] = Σ w correct[s,i] = value + seed + image + residual. Its
/// mean squares between seeds, between images and of the rest are quadratic forms wᵀMw in three
/// matrices over arms, which is all that is kept of the answers: every difference, slope and
/// interaction comes from them. A figure of seeds alone, as the loss, is the same analysis without
/// images.
///
/// Source: Obuchowski and Rockette 1995; Hillis, "A comparison of denominator degrees of freedom
/// methods for multiple observer ROC analysis", Statistics in Medicine 26, 2007.
public struct CrossedAnalysis: Equatable, Sendable {
  public let arms: Int
  /// n.
  public let seeds: Int
  /// m; 1 for a figure of seeds alone.
  public let images: Int
  /// By arm: over seeds and images.
  public let means: [Double]
  /// Between seeds, MS_S; nil for one seed.
  public let seedSquares: SymmetricMatrix?
  /// Between images, MS_I; all 0 for a figure of seeds alone.
  public let imageSquares: SymmetricMatrix
  /// Of the rest, MS_E; nil for one seed, all 0 for a figure of seeds alone.
  public let errorSquares: SymmetricMatrix?

  /// Accuracy: the same seeds and images for all arms.
  ///
  /// Cost: arms²·images/2 multiply-adds and as many bits counted a seed; sums are whole numbers, so
  /// that the order of arms, seeds and images changes no bit.
  /// - Throws: `StatisticsError` where there is no arm, where there are fewer than two images, or
  ///   where arms have different numbers of seeds or images.
  public init(_ answers: [CorrectAnswers]) throws {
    guard let first = answers.first else { throw StatisticsError("there is no arm to analyse") }
    for (arm, other) in answers.enumerated()
    where other.seeds != first.seeds || other.images != first.images {
      throw StatisticsError(
        "arm \(arm) has \(other.seeds) seeds and \(other.images) images, "
          + "arm 0 has \(first.seeds) and \(first.images); they must be paired")
    }
    guard first.images > 1 else { throw StatisticsError("there must be two images at least") }
    (arms, seeds, images) = (answers.count, first.seeds, first.images)
    let sums = CrossedSums(answers)
    let total = Double(seeds * images)
    means = sums.totals.map { Double($0) / total }
    imageSquares = sums.imageSquares
    seedSquares = seeds > 1 ? sums.seedSquares : nil
    errorSquares = seeds > 1 ? sums.errorSquares : nil
  }

  /// A figure of seeds alone: `[arm][seed]`, the same seeds for all arms.
  ///
  /// Two arms then compare by the paired t over seeds.
  /// - Throws: `StatisticsError` where there is no arm or no seed, where arms have different
  ///   numbers of seeds, or where a value is not finite.
  public init(values: [[Double]]) throws {
    guard let count = values.first?.count, count > 0 else {
      throw StatisticsError("there is no arm or no seed to analyse")
    }
    for (arm, row) in values.enumerated() {
      guard row.count == count else {
        throw StatisticsError("arm \(arm) has \(row.count) seeds, arm 0 has \(count)")
      }
      guard row.allSatisfy(\.isFinite) else {
        throw StatisticsError("arm \(arm) has a value that is not finite")
      }
    }
    (arms, seeds, images) = (values.count, count, 1)
    let means = values.map { $0.reduce(0, +) / Double(count) }
    self.means = means
    let none = SymmetricMatrix(size: values.count) { _, _ in 0 }
    (imageSquares, errorSquares) = (none, count > 1 ? none : nil)
    seedSquares =
      count > 1
      ? SymmetricMatrix(size: values.count) { first, second in
        zip(values[first], values[second]).reduce(0) {
          $0 + ($1.0 - means[first]) * ($1.1 - means[second])
        } / Double(count - 1)
      } : nil
  }

  /// Whether it has images as well as seeds.
  public var hasImages: Bool { images > 1 }
}

/// Sums of products over seeds and images, in whole numbers.
private struct CrossedSums {
  let seeds: Int
  let images: Int
  let totals: [Int]
  private let answers: [CorrectAnswers]
  /// Of what the seeds got right, by pair of arms, the later one first.
  private let seedProducts: [[Int]]
  /// Of how many seeds got the images right.
  private let imageProducts: [[Int]]

  init(_ answers: [CorrectAnswers]) {
    self.answers = answers
    seeds = answers[0].seeds
    images = answers[0].images
    let bySeed = answers.map { $0.countsBySeed }
    let byImage = answers.map { $0.countsByImage }
    totals = bySeed.map { $0.reduce(0, +) }
    seedProducts = bySeed.indices.map { first in
      (0...first).map { second in
        zip(bySeed[first], bySeed[second]).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    imageProducts = byImage.indices.map { first in
      (0...first).map { Self.product(byImage[first], byImage[$0]) }
    }
  }

  private static func product(_ first: [Int32], _ second: [Int32]) -> Int {
    var sum = 0
    for image in first.indices { sum += Int(first[image] &* second[image]) }
    return sum
  }

  var seedSquares: SymmetricMatrix {
    matrix(over: seeds - 1) { first, second in
      seeds * seedProducts[first][second] - totals[first] * totals[second]
    }
  }

  var imageSquares: SymmetricMatrix {
    matrix(over: images - 1) { first, second in
      images * imageProducts[first][second] - totals[first] * totals[second]
    }
  }

  var errorSquares: SymmetricMatrix {
    matrix(over: (seeds - 1) * (images - 1)) { first, second in
      seeds * images * answers[first].both(answers[second])
        - seeds * seedProducts[first][second] - images * imageProducts[first][second]
        + totals[first] * totals[second]
    }
  }

  /// - Parameter numerator: n·m times a sum of products.
  private func matrix(
    over degrees: Int, _ numerator: (_ first: Int, _ second: Int) -> Int
  ) -> SymmetricMatrix {
    SymmetricMatrix(size: answers.count) { first, second in
      Double(numerator(first, second)) / (Double(seeds * images) * Double(degrees))
    }
  }
}
