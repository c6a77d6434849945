// SPDX-License-Identifier: Apache-2.0

/// Everything that a killed run needs to end in the same bits: plain values, for any file format.
public struct TrainingSnapshot: Equatable, Sendable {
  /// Weights with batch-norm statistics (`weights`), the optimiser's memories (`optimizer/0` …) and
  /// the average (`average`), laid out as in memory.
  public var tensors: [String: [Float]]
  /// Updates done. Random streams and the position in the data follow from it.
  public var step: Int
  /// Sums over the epoch in progress.
  public var epochLoss: Double
  public var epochCorrect: Int
  public var epochAmongFive: Int
  /// One number an epoch: `train/loss`, `train/top1`, `learningRate`, `test/top1`, …
  public var curves: [String: [Double]]

  public init(
    tensors: [String: [Float]], step: Int, epochLoss: Double, epochCorrect: Int,
    epochAmongFive: Int, curves: [String: [Double]]
  ) {
    self.tensors = tensors
    self.step = step
    self.epochLoss = epochLoss
    self.epochCorrect = epochCorrect
    self.epochAmongFive = epochAmongFive
    self.curves = curves
  }
}
