import ExperimentRunner
import ModelZoo
import Settings

/// One point of the spectrum: a network with one of the blocks between a regular and a depthwise
/// separable convolution.
struct SpectrumPoint {
  let block: String
  let segments: Int?
  let network: NetworkDescription

  /// A point and the width found for it.
  struct Row {
    let point: SpectrumPoint
    let match: BudgetMatching.Match
  }

  var name: String { block + (segments.map { ", \($0) segments" } ?? "") }

  /// The network as it is.
  init(_ network: NetworkDescription) {
    block = network.settings["block.kind"]?.text ?? network.key
    segments = network.settings["block.segments"]?.integerValue
    self.network = network
  }

  /// The network with its block replaced; kernel and, where the new block has one, `between` stay.
  private init(
    _ network: NetworkDescription, block: any Block.Type, segments: Int? = nil
  ) throws(SettingsError) {
    var fields: [String: JSON] = ["kind": .string(block.key)]
    fields["kernel"] = network.settings["block.kernel"]
    if block.honours.contains(.between) { fields["between"] = network.settings["block.between"] }
    fields["segments"] = segments.map(JSON.integer)
    self.block = block.key
    self.segments = segments
    self.network = try network.setting("block", to: .object(fields))
  }

  /// The points that `--segments` asks for, each matched by `match`.
  static func points(
    of network: NetworkDescription, arguments: Arguments,
    match: (SpectrumPoint) throws -> BudgetMatching.Match
  ) throws -> [Row] {
    func row(_ point: SpectrumPoint) throws -> Row { Row(point: point, match: try match(point)) }
    guard let list = arguments.text("segments") else { return [try row(SpectrumPoint(network))] }
    guard network.settings["block"] != nil else {
      throw arguments.error("segments", "needs a network that has a block; \(network.key) has none")
    }
    guard list == "all" else {
      return try counts(list, arguments).map { count in
        try row(SpectrumPoint(network, block: SegmentedInception.self, segments: count))
      }
    }
    let width = network.settings["width"]?.integerValue ?? 1
    // As many segments as channels are the extreme end.
    let divisors = (1..<max(width, 2)).filter { width.isMultiple(of: $0) }
    let segmented = try divisors.map { segments in
      try row(SpectrumPoint(network, block: SegmentedInception.self, segments: segments))
    }
    let ends = [RegularConv.self, ExtremeInception.self, SeparableConv.self] as [any Block.Type]
    let rows = try ends.map { try row(SpectrumPoint(network, block: $0)) }
    return rows[..<1] + segmented + rows[1...]
  }

  private static func counts(_ list: String, _ arguments: Arguments) throws(SettingsError) -> [Int]
  {
    let counts = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let limit = BudgetMatching.widths
    let valid = counts.compactMap { $0 }.filter { limit.contains($0) }
    guard valid.count == counts.count else {
      throw arguments.error(
        "segments",
        "must be numbers from 1 to \(limit.upperBound) with commas between them, or all")
    }
    return valid
  }
}

extension JSON {
  /// The text that this value is.
  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
