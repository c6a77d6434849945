// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings

extension BudgetMatching {
  /// Why nothing can be matched.
  public enum Failure: Error, Sendable, CustomStringConvertible {
    case targetTooSmall(Int)
    case noWidth(network: String)
    /// No width can be built; the reason is that of the network's own width.
    case noValidWidth(WidthAxis, NetworkError)
    /// A network without a block, or whose block has no segments, or none that divide its width.
    case noSegments(network: String, block: String?)
    /// A segment's width is to be held in a network of several blocks.
    case severalBlocks(network: String)
    /// Neither a whole width nor, where there are any, other widths of single stages are close enough.
    case mismatch(Match, StageWidthSearch.Result?, allowed: Double)
    case settings(SettingsError)
    case graph(GraphError)

    public var description: String {
      switch self {
      case .targetTooSmall(let target): "the target is \(target); it must be at least 1"
      case .noWidth(let network):
        "the network \(network) has no option width or widthMultiplier, so its cost cannot be matched"
      case .noValidWidth(let axis, let error): "no \(axis.name) from \(axis.range) fits: \(error)"
      case .noSegments(let network, nil):
        "segment-width cannot be held: the network \(network) has no block"
      case .noSegments(let network, let block?):
        "segment-width can be held only where a block has segments that divide its width, or a "
          + "segmentWidth; \(block) of \(network) has neither"
      case .severalBlocks(let network):
        "segment-width can be held of one block for all stages; \(network) has blocks: say their "
          + "segmentWidth, and hold segments"
      case .mismatch(let match, let refined, let allowed):
        "the closest \(match.axis.name), \(match.width.plainText), misses the target by "
          + Self.percent(match.mismatch)
          + (refined.map { ", other widths of single stages by \(Self.percent($0.mismatch))" } ?? "")
          + "; within allows \(Self.percent(allowed)). Take another target, allow more, or let "
          + "segments differ with unequal"
      case .settings(let error): error.description
      case .graph(let error): error.description
      }
    }

    private static func percent(_ fraction: Double) -> String {
      let percent = 100 * abs(fraction)
      return String(format: percent < 10 ? "%.2g %%" : "%.0f %%", percent)
    }
  }
}
