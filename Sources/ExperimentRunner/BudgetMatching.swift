// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// Finds the width at which a network costs as much as another.
///
/// A comparison of blocks says something only at equal cost, and width is the one option that every
/// network has and that moves the cost without changing what is compared. Where whole widths are too
/// coarse, the widths of single stages are moved a little (`StageWidthSearch`).
public enum BudgetMatching {
  /// What is to be equal.
  public enum Quantity: String, CaseIterable, Sendable {
    /// Trainable parameters.
    case parameters
    /// Of one image's forward pass, in convolutions and dense layers.
    case multiplyAdds = "multiply-adds"
    /// Elements of one image's convolution outputs.
    case activations

    /// The quantity of a cost.
    public func count(_ cost: Cost) -> Int {
      switch self {
      case .parameters: cost.trainableParameters
      case .multiplyAdds: cost.multiplyAdds
      case .activations: cost.activations
      }
    }
  }

  /// What stays the same while the width changes.
  public enum Hold: String, CaseIterable, Sendable {
    /// The number of segments; a segment gets wider with the network.
    case segments
    /// The channels of a segment, as they are at the network's own width; the wider the network,
    /// and the later the stage, the more segments. The ends of the spectrum (regular, extreme and
    /// separable convolution) have no segments to hold: of them the width alone is solved.
    case segmentWidth = "segment-width"
  }

  /// What a network is to cost.
  public struct Budget: Sendable {
    public var quantity: Quantity
    public var target: Int
    public var hold: Hold
    /// The largest mismatch, as a fraction of the target; nil takes the closest width as it is.
    public var within: Double?

    public init(
      _ quantity: Quantity, target: Int, hold: Hold = .segments, within: Double? = nil
    ) {
      (self.quantity, self.target, self.hold, self.within) = (quantity, target, hold, within)
    }
  }

  /// The closest network.
  public struct Match: Sendable {
    /// The option that was solved for.
    public let axis: WidthAxis
    /// The channels of the first stage, or the factor of all widths.
    public let width: JSON
    /// What the network costs at that width.
    public let count: Int
    public let target: Int
    /// The network at that width.
    public let network: NetworkDescription

    /// count/target − 1.
    public var mismatch: Double { Double(count) / Double(target) - 1 }
    /// Whether the search ended at the widest network that it tries.
    public var isWidest: Bool { width == axis.value(at: axis.steps.upperBound) }
  }

  /// The network whose count is closest to the budget's target; of two equally close ones the
  /// narrower.
  ///
  /// Widths that the block cannot honour are passed over. The cost of a network grows with its
  /// width, so the search doubles the width until the target is reached and then bisects; it builds
  /// about 25 graphs and no weights. Where even the widest costs less, that one is the closest. A
  /// mismatch above `within` is met by stages of other widths.
  ///
  /// - Throws: where the network has no width, or no width that its block can honour, or none within
  ///   the mismatch that is allowed.
  public static func closest(
    _ network: NetworkDescription, _ budget: Budget, input: Shape, classes: Int
  ) throws(Failure) -> Match {
    guard budget.target >= 1 else { throw .targetTooSmall(budget.target) }
    guard let axis = WidthAxis(of: network) else { throw .noWidth(network: network.key) }
    let held =
      switch budget.hold {
      case .segments: network
      case .segmentWidth: try holdingSegmentWidth(network)
      }
    let count = NetworkCount(quantity: budget.quantity, input: input, classes: classes)
    let search = WidthSearch(network: held, axis: axis, count: count)
    guard let step = try search.closest(to: budget.target) else {
      throw .noValidWidth(axis, try count.reason(held))
    }
    let found = try search.network(at: step)
    let match = Match(
      axis: axis, width: axis.value(at: step), count: try count.required(found),
      target: budget.target, network: found)
    guard let within = budget.within, !(abs(match.mismatch) <= within) else { return match }
    let refined = try StageWidthSearch(count: count, target: budget.target, within: within)
      .closest(from: found)
    guard let refined, abs(refined.mismatch) <= within else {
      throw .mismatch(match, refined, allowed: within)
    }
    return Match(
      axis: axis, width: refined.network.settings["width"] ?? match.width, count: refined.count,
      target: budget.target, network: refined.network)
  }

  /// The network with its number of segments replaced by their width.
  private static func holdingSegmentWidth(
    _ network: NetworkDescription
  ) throws(Failure) -> NetworkDescription {
    guard network.settings["blocks"] == nil else { throw .severalBlocks(network: network.key) }
    if network.settings["block.segmentWidth"] != nil { return network }
    let kind: String? =
      if case .string(let kind)? = network.settings["block.kind"] { kind } else { nil }
    let ends = [BlockZoo.ends.first] + BlockZoo.ends.last
    if ends.contains(where: { $0.key == kind }) { return network }
    guard let width = network.settings["width"]?.integerValue,
      let segments = network.segments, width.isMultiple(of: segments),
      network.settings["block.segmentWidths"] == nil
    else { throw .noSegments(network: network.key, block: kind) }
    do {
      return try network.setting("block.segments", to: .null)
        .setting("block.unequal", to: .null)
        .setting("block.segmentWidth", to: .integer(width / segments))
    } catch {
      throw .settings(error)
    }
  }
}
