// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import ModelZoo
import Settings

/// One point of the spectrum: a network with one of the blocks between a regular and a depthwise
/// separable convolution.
struct SpectrumPoint {
  let block: String
  let network: NetworkDescription

  /// A point and the width found for it.
  struct Row {
    let point: SpectrumPoint
    let match: BudgetMatching.Match

    /// Those of the network that was found, which a held segment width gives another number.
    var segments: Int? { match.network.segments }
  }

  /// With the segments that were asked for.
  var name: String {
    let segments = network.settings["block.segments"]?.integerValue ?? network.segments
    return block + (segments.map { ", \($0) segments" } ?? "")
  }

  /// The network as it is.
  init(_ network: NetworkDescription) {
    block = network.settings["block.kind"]?.text ?? network.key
    self.network = network
  }

  /// The network with its block replaced; kernel and, where the new block has one, `between` stay.
  private init(
    _ network: NetworkDescription, block: any Block.Type, segments: Int? = nil
  ) throws(SettingsError) {
    var fields: [String: JSON] = ["kind": .string(block.key)]
    fields["kernel"] = network.settings["block.kernel"]
    if block.has(Between.option) { fields["between"] = network.settings["block.between"] }
    fields["segments"] = segments.map(JSON.integer)
    self.block = block.key
    self.network = try network.setting("block", to: .object(fields))
  }

  /// The points that `--segments` asks for, each matched by `match`.
  static func points(
    of network: NetworkDescription, arguments: Arguments,
    match: (SpectrumPoint) throws -> BudgetMatching.Match
  ) throws -> [Row] {
    func row(_ point: SpectrumPoint) throws -> Row { Row(point: point, match: try match(point)) }
    guard let list = arguments[Match.Flags.segments] else {
      return [try row(SpectrumPoint(network))]
    }
    guard network.settings["block"] != nil else {
      throw arguments.error(
        Match.Flags.segments, "needs a network that has a block; \(network.key) has none")
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
    let (first, last) = BlockZoo.ends
    return try [row(SpectrumPoint(network, block: first))] + segmented
      + last.map { try row(SpectrumPoint(network, block: $0)) }
  }

  private static func counts(_ list: String, _ arguments: Arguments) throws(SettingsError) -> [Int]
  {
    let counts = list.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let limit = WidthAxis.width.steps
    let valid = counts.compactMap { $0 }.filter { limit.contains($0) }
    guard valid.count == counts.count else {
      throw arguments.error(
        Match.Flags.segments,
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
