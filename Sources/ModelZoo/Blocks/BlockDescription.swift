// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// A block as a file names it: `{"kind": "segmented-inception", "segments": 4, "between": "relu"}`.
///
/// The network that uses it decides filters and stride.
public struct BlockDescription: Equatable, Sendable {
  public let kind: any Block.Type
  /// Without filters and stride.
  private let options: OptionValues
  /// The block and its options as a run's identity has them.
  public let settings: JSON

  /// Reads all keys of a block; the caller calls `finish`.
  ///
  /// - Throws: an unknown kind, an option of another block, or a value that no block may have.
  public init(_ fields: inout Fields) throws(SettingsError) {
    kind = try fields.kind(of: BlockZoo.all, noun: "block", key: { $0.key }, "the block")
    var options = OptionValues()
    for option in kind.allOptions { try option.read(&fields, into: &options) }
    try Self.refuseForeignOptions(&fields, of: kind)
    self.options = options
    settings = .object(fields.recorded)
  }

  /// Refuses what other blocks have in the words of the block, not as an unknown field.
  private static func refuseForeignOptions(
    _ fields: inout Fields, of kind: any Block.Type
  ) throws(SettingsError) {
    if !kind.has(Between.option) {
      // That nothing stands between may be said of every block.
      let said = try fields.string(
        Between.option.name, among: [Between.none.rawValue], default: Between.none.rawValue,
        "the block has a single operation")
      guard [nil, Between.none.rawValue].contains(said) else {
        throw fields.error(Between.option.name, kind.foreignRule)
      }
    }
    let own = kind.allOptions.map(\.name) + [Between.option.name]
    let others = Set(BlockZoo.all.flatMap { $0.options.map(\.name) }).subtracting(own)
    if let foreign = others.sorted().first(where: fields.contains) {
      throw fields.error(foreign, kind.foreignRule)
    }
  }

  public static func == (first: BlockDescription, second: BlockDescription) -> Bool {
    first.settings == second.settings
  }

  /// The block at a width and stride.
  ///
  /// - Throws: the option that the block cannot honour there.
  public func block(filters: Int, stride: Int = 1) throws(BlockError) -> any Block {
    var options = BlockOptions(filters: filters, options)
    options.stride = stride
    return try kind.init(options)
  }

  /// The channel segments of the block's spatial convolution at a width, as its graph has them; nil
  /// where the block has no such option or cannot honour the width.
  public func segments(filters: Int) -> Int? {
    guard kind.has(SegmentedInception.segments), let block = try? block(filters: filters) else {
      return nil
    }
    var graph = GraphBuilder(kind.key, input: Shape(height: 1, width: 1, channels: filters))
    let output = block(graph.input, in: &graph)
    return (try? graph.finish(output))?.nodes.compactMap { ($0.op as? Convolution)?.segments.count }
      .max()
  }
}

extension Fields {
  /// Reads the field `block` of a network.
  mutating func block(_ summary: String) throws(SettingsError) -> BlockDescription {
    try object("block", default: ["kind": .string(SeparableConv.key)], summary) {
      fields throws(SettingsError) in try BlockDescription(&fields)
    }
  }
}
