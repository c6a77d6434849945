// SPDX-License-Identifier: Apache-2.0

/// Two arms on the same seeds and images: d[s,i] = first − second.
public struct PairedComparison: Equatable, Sendable {
  /// The mean difference, its interval and p value.
  public let estimate: Estimate
  /// nil for one seed.
  public let meanSquares: MeanSquares?

  /// - Throws: as `CrossedAnalysis.init`.
  public init(_ first: CorrectAnswers, _ second: CorrectAnswers) throws {
    self.init(try CrossedAnalysis([first, second]), 0, 1, pooling: .none)
  }

  /// A figure of seeds alone, as the loss: the paired t over seeds.
  ///
  /// - Throws: as `CrossedAnalysis.init`.
  public init(values first: [Double], _ second: [Double]) throws {
    self.init(try CrossedAnalysis(values: [first, second]), 0, 1, pooling: .none)
  }

  /// Two arms of a table, with what all its arms say of the spread between seeds.
  public init(_ table: CrossedAnalysis, _ first: Int, _ second: Int, pooling: Pooling = .overArms) {
    let contrast = Contrast.difference(first, second, of: table.arms)
    estimate = table.estimate(contrast, pooling: pooling)
    meanSquares = table.meanSquares(of: contrast)
  }
}
