// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// The smallest instrument: one block between a 1×1 stem and a linear read-out.
///
/// `[1×1 conv to stemWidth → block of width filters → BN → ReLU → global average-pool → dense]`. With
/// one layer of nonlinearity, what the block cannot map, the network cannot learn.
public struct Probe: Network {
  public static let key = "probe"
  public static let summary = "a 1×1 stem, one block, a linear read-out"
  public static let source = Citation("section 1.1, the hypothesis alone")
  private let width: Int
  private let stemWidth: Int
  private let block: BlockDescription

  public init(_ fields: inout Fields) throws(SettingsError) {
    width = try fields.integer(
      "width", default: 32, in: 1...8192, "channels of the block, and of the stem")
    stemWidth =
      try fields.integer("stemWidth", in: 1...8192, "channels of the stem (width)") ?? width
    if stemWidth == width { fields.leaveOut("stemWidth") }
    block = try fields.block("what is compared")
  }

  public var partWidths: [Int] { [stemWidth, width] }

  public static func settings(partWidths widths: [Int]) -> [String: JSON] {
    ["stemWidth": .integer(widths[0]), "width": .integer(widths[1])]
  }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let block = try block.block(filters: width)
    let stem = graph.conv2D(images, "stem", filters: stemWidth, kernel: 1)
    let mapped = graph.scope("block") { block(stem, in: &$0) }
    let normalized = graph.batchNorm(mapped, "bn")
    let active = graph.relu(normalized, "relu")
    let pooled = graph.globalAveragePool(active, "pool")
    return graph.dense(pooled, "dense", units: classes)
  }
}
