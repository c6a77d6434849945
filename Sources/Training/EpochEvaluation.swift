// SPDX-License-Identifier: Apache-2.0

/// How a training stands after an epoch, for whoever watches it.
public struct EpochEvaluation: Equatable, Sendable {
  /// How well the network does on a set.
  public struct Scores: Equatable, Sendable {
    /// Mean softmax cross-entropy.
    public var loss: Double
    /// Shares of images.
    public var top1: Double
    public var top5: Double

    init(_ evaluation: Evaluation) {
      (loss, top1, top5) = (evaluation.loss, evaluation.top1, evaluation.top5)
    }
  }

  /// Epochs done.
  public var epoch: Int
  /// Means over the steps of the last epoch.
  public var trainLoss: Double
  public var trainTop1: Double
  /// Nil where there is no such set.
  public var validation: Scores?
  public var test: Scores
}
