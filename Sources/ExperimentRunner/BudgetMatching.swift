import Engine
import ModelZoo
import Settings

/// Finds the width at which a network costs as much as another.
///
/// A comparison of blocks says something only at equal cost, and width is the one option that every
/// network has and that moves the cost without changing what is compared.
public enum BudgetMatching {
  /// What is to be equal.
  public enum Quantity: String, CaseIterable, Sendable {
    /// Trainable parameters.
    case parameters
    /// Of one image's forward pass, in convolutions and dense layers.
    case multiplyAdds = "multiply-adds"

    /// The quantity of a cost.
    public func count(_ cost: Cost) -> Int {
      switch self {
      case .parameters: cost.trainableParameters
      case .multiplyAdds: cost.multiplyAdds
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

  /// The widths that are searched.
  public static let widths = 1...8192

  /// The closest width.
  public struct Match: Sendable {
    public let width: Int
    /// What the network costs at that width.
    public let count: Int
    public let target: Int
    /// The network at that width.
    public let network: NetworkDescription

    /// count/target − 1.
    public var mismatch: Double { Double(count) / Double(target) - 1 }
  }

  /// Why nothing can be matched.
  public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    case targetTooSmall(Int)
    case noWidth(network: String)
    /// No width can be built; the reason is that of the network's own width.
    case noValidWidth(NetworkError)
    /// A network without a block, or whose block has no segments, or none that divide its width.
    case noSegments(network: String, block: String?)
    case settings(SettingsError)
    case graph(GraphError)

    public var description: String {
      switch self {
      case .targetTooSmall(let target): "the target is \(target); it must be at least 1"
      case .noWidth(let network):
        "the network \(network) has no option width, so its cost cannot be matched"
      case .noValidWidth(let error):
        "no width from \(widths.lowerBound) to \(widths.upperBound) fits: \(error)"
      case .noSegments(let network, nil):
        "segment-width cannot be held: the network \(network) has no block"
      case .noSegments(let network, let block?):
        "segment-width can be held only where a block has segments that divide its width, or a "
          + "segmentWidth; \(block) of \(network) has neither"
      case .settings(let error): error.description
      case .graph(let error): error.description
      }
    }
  }

  /// The width whose count is closest to `target`; of two equally close ones the narrower.
  ///
  /// Widths that the block cannot honour are passed over. The cost of a network grows with its
  /// width, so the search doubles the width until the target is reached and then bisects; it builds
  /// about 25 graphs and no weights. Where even the widest costs less, that one is the closest.
  ///
  /// - Throws: where the network has no width, or no width that its block can honour.
  public static func closest(
    _ network: NetworkDescription, quantity: Quantity, target: Int, input: Shape, classes: Int,
    hold: Hold = .segments
  ) throws(Failure) -> Match {
    guard target >= 1 else { throw .targetTooSmall(target) }
    guard let ownWidth = network.settings["width"]?.integerValue else {
      throw .noWidth(network: network.key)
    }
    let held =
      switch hold {
      case .segments: network
      case .segmentWidth: try holdingSegmentWidth(network, at: ownWidth)
      }
    let search = WidthSearch(network: held, quantity: quantity, input: input, classes: classes)
    guard let width = try search.closest(to: target) else {
      throw .noValidWidth(try search.reason(at: ownWidth))
    }
    let found = try search.network(at: width)
    guard let count = try search.count(at: width) else {
      throw .noValidWidth(try search.reason(at: width))
    }
    return Match(width: width, count: count, target: target, network: found)
  }

  /// The network with its number of segments replaced by their width.
  private static func holdingSegmentWidth(
    _ network: NetworkDescription, at width: Int
  ) throws(Failure) -> NetworkDescription {
    if network.settings["block.segmentWidth"] != nil { return network }
    let kind: String? =
      if case .string(let kind)? = network.settings["block.kind"] { kind } else { nil }
    let ends = [BlockZoo.ends.first] + BlockZoo.ends.last
    if ends.contains(where: { $0.key == kind }) { return network }
    guard let segments = network.segments, width.isMultiple(of: segments),
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
