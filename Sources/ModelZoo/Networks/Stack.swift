import Engine
import Settings

/// The network of the continuum experiments; it holds everything but the block fixed.
///
/// Stem: `[3×3 conv → BN → ReLU]` to `width` channels, at stride `stemStride` (1; 2 quarters the
/// multiply-adds of all that follows and changes no parameter count). Then `stages` stages of
/// `unitsPerStage` units at width·2^stage channels, each unit `[ReLU → block → BN] × 2`; the first
/// unit of every stage but the first ends in a 3×3/2 max-pool. Shortcut: identity, or `[1×1 → BN]`
/// where the shape changes.
/// Head: `[ReLU → global average-pool → dropout → dense]`.
/// Source: modelled on the paper's Fig. 5, for small images.
public struct Stack: Network {
  public static let key = "stack"
  public static let summary = "units of two blocks in stages of doubling width, residual"
  public static let source = Citation("after Fig. 5")
  private let width: Int
  private let stemStride: Int
  private let stages: Int
  private let unitsPerStage: Int
  private let residual: Bool
  private let dropout: Double
  private let block: BlockDescription

  public init(_ fields: inout Fields) throws(SettingsError) {
    width = try fields.integer("width", default: 64, in: 1...8192)
    stemStride = try fields.integer("stemStride", default: 1, in: 1...2)
    stages = try fields.integer("stages", default: 3, in: 1...8)
    unitsPerStage = try fields.integer("unitsPerStage", default: 2, in: 1...64)
    residual = try fields.bool("residual", default: true)
    dropout = try fields.number("dropout", default: 0, in: 0...0.99)
    block = try BlockDescription(
      fields.object("block", default: ["kind": "separable-conv"]))
  }

  public var settings: [String: JSON] {
    [
      "width": .integer(width), "stemStride": .integer(stemStride), "stages": .integer(stages),
      "unitsPerStage": .integer(unitsPerStage), "residual": .bool(residual),
      "dropout": .number(dropout), "block": block.settings,
    ]
  }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let stem = graph.conv2D(
      images, "stem/conv", filters: width, kernel: 3, stride: stemStride)
    let stemNormalized = graph.batchNorm(stem, "stem/bn")
    var trunk = graph.relu(stemNormalized, "stem/relu")
    for stage in 0..<stages {
      let filters = width << stage
      let block = try block.block(filters: filters)
      for unit in 0..<unitsPerStage {
        trunk = graph.scope("stage\(stage + 1)/unit\(unit + 1)") { graph in
          self.unit(
            trunk, block, filters: filters, isPooled: stage > 0 && unit == 0, in: &graph)
        }
      }
    }
    let active = graph.relu(trunk, "head/relu")
    let pooled = graph.globalAveragePool(active, "head/pool")
    let dropped = dropout > 0 ? graph.dropout(pooled, "head/dropout", rate: Float(dropout)) : pooled
    return graph.dense(dropped, "head/dense", units: classes)
  }

  private func unit(
    _ x: Value, _ block: any Block, filters: Int, isPooled: Bool, in graph: inout GraphBuilder
  ) -> Value {
    let active1 = graph.relu(x, "relu1")
    let block1 = graph.scope("block1") { block(active1, in: &$0) }
    let normalized1 = graph.batchNorm(block1, "bn1")
    let active2 = graph.relu(normalized1, "relu2")
    let block2 = graph.scope("block2") { block(active2, in: &$0) }
    let normalized2 = graph.batchNorm(block2, "bn2")
    let pooled =
      isPooled ? graph.maxPool(normalized2, "pool", window: 3, stride: 2) : normalized2
    guard residual else { return pooled }
    let shortcut = graph.residualShortcut(x, filters: filters, stride: isPooled ? 2 : 1)
    return graph.add(pooled, shortcut, "sum")
  }
}
