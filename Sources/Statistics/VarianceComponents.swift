// SPDX-License-Identifier: Apache-2.0

/// The variances of a difference of two arms, d[s,i] = difference + seed[s] + image[i] +
/// residual[s,i], fitted to runs or assumed before there are any.
public struct VarianceComponents: Equatable, Sendable {
  /// Of what differs from seed to seed, for all images alike.
  public var seed: Double
  /// Of what differs from image to image, for all seeds alike.
  public var image: Double
  /// Of the rest.
  public var residual: Double

  /// - Returns: the components; a negative one counts as 0.
  public init(seed: Double, image: Double, residual: Double) {
    self.seed = max(seed, 0)
    self.image = max(image, 0)
    self.residual = max(residual, 0)
  }

  /// Those of a table, the mean over all its pairs of arms.
  ///
  /// - Returns: nil for one arm or one seed.
  public init?(_ table: CrossedAnalysis) {
    guard let pooled = table.pooledSquares else { return nil }
    let (seeds, error) = (2 * pooled.seeds, 2 * pooled.error)
    let images = 2 * max(table.imageSquares.interaction, 0)
    guard table.hasImages else {
      self.init(seed: seeds, image: 0, residual: 0)
      return
    }
    self.init(
      seed: (seeds - error) / Double(table.images), image: (images - error) / Double(table.seeds),
      residual: error)
  }

  /// What is assumed where there are no runs yet.
  ///
  /// - Parameters:
  ///   - seedDeviation: the standard deviation between seeds of one arm's accuracy that no test set
  ///     explains, as 0.002 (0.2 points).
  ///   - disagreement: the share of images that one of two arms of a seed gets right and the other
  ///     wrong, as 0.12.
  ///   - repeatable: which share of that disagreement other seeds repeat, from 0 to 1.
  public static func assumed(
    seedDeviation: Double, disagreement: Double, repeatable: Double
  ) -> VarianceComponents {
    let seed = 2 * seedDeviation * seedDeviation
    let rest = max(disagreement - seed, 0)
    return VarianceComponents(
      seed: seed, image: repeatable * rest, residual: (1 - repeatable) * rest)
  }

  /// Var of the mean difference: seed/n + image/m + residual/(n·m). More seeds do not lessen the
  /// middle one.
  public func variance(seeds: Int, images: Int) -> Double {
    seed / Double(seeds) + image / Double(images) + residual / (Double(seeds) * Double(images))
  }

  /// The mean squares that these components lead one to expect.
  public func expectedSquares(seeds: Int, images: Int) -> MeanSquares {
    MeanSquares(
      seeds: residual + Double(images) * seed,
      images: images > 1 ? residual + Double(seeds) * image : 0,
      error: images > 1 ? residual : 0)
  }
}
