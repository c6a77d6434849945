// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// The network of the continuum experiments; it holds everything but the block fixed.
///
/// Stem: `[3×3 conv → BN → ReLU]` to `width` channels, at stride `stemStride` (1; 2 quarters the
/// multiply-adds of all that follows and changes no parameter count). Then `stages` stages of
/// `unitsPerStage` units at width·2^stage channels, or at those of `stageWidths`, each unit `[ReLU →
/// block → BN] × 2`, the block that of the stage (`StageBlocks`); the first unit of every stage but
/// the first ends in a 3×3/2 max-pool. Shortcut: identity, or `[1×1 → BN]` where the shape changes.
/// Head: `[ReLU → global average-pool → dropout → dense]`.
/// Source: modelled on the paper's Fig. 5, for small images.
public struct Stack: Network {
  public static let key = "stack"
  public static let summary = "units of two blocks in stages of doubling width, residual"
  public static let source = Citation("after Fig. 5")
  private let widths: [Int]
  private let stemStride: Int
  private let stages: Int
  private let unitsPerStage: Int
  private let residual: Bool
  private let head: Head
  private let blocks: StageBlocks

  public init(_ fields: inout Fields) throws(SettingsError) {
    let width = try fields.integer(
      "width", default: 64, in: 1...8192, "channels of the first stage; each stage doubles them")
    stemStride = try fields.integer(
      "stemStride", default: 1, in: 1...2, "stride of the first convolution")
    stages = try fields.integer(
      "stages", default: 3, in: 1...8, "stages, each at half the size of the one before")
    widths = try Self.stageWidths(&fields, stages: stages, from: width)
    unitsPerStage = try fields.integer(
      "unitsPerStage", default: 2, in: 1...64, "units of two blocks in a stage")
    residual = try fields.bool(
      "residual", default: true, "whether a shortcut leads around each unit")
    head = try Head(&fields)
    blocks = try StageBlocks(&fields, stages: stages)
  }

  /// The channels of every stage: what the file says, or the width doubled from stage to stage.
  private static func stageWidths(
    _ fields: inout Fields, stages: Int, from width: Int
  ) throws(SettingsError) -> [Int] {
    let said = try fields.integers(
      "stageWidths", in: 1...1_048_576,
      "channels of every stage, instead of each stage's doubling them")
    guard let said else { return (0..<stages).map { width << $0 } }
    guard said.count == stages else {
      throw fields.error("stageWidths", "must have a width for each of the \(stages) stages")
    }
    guard said[0] == width || !fields.contains("width") else {
      throw fields.error("stageWidths", "must begin with the width that is said, \(width)")
    }
    fields.record("width", .integer(said[0]))
    // They say nothing where each stage doubles them.
    if said.indices.allSatisfy({ said[$0] == said[0] << $0 }) { fields.leaveOut("stageWidths") }
    return said
  }

  public var partWidths: [Int] { widths }

  public static func settings(partWidths widths: [Int]) -> [String: JSON] {
    ["width": .integer(widths[0]), "stageWidths": .array(widths.map(JSON.integer))]
  }

  public func callAsFunction(
    _ images: Value, classes: Int, in graph: inout GraphBuilder
  ) throws(BlockError) -> Value {
    let stem = graph.conv2D(
      images, "stem/conv", filters: widths[0], kernel: 3, stride: stemStride)
    let stemNormalized = graph.batchNorm(stem, "stem/bn")
    var trunk = graph.relu(stemNormalized, "stem/relu")
    for (stage, filters) in widths.enumerated() {
      let block = try blocks.all[stage].block(filters: filters)
      for unit in 0..<unitsPerStage {
        let module = ResidualModule(
          units: [block, block], unitName: "block", stride: stage > 0 && unit == 0 ? 2 : 1,
          isResidual: residual)
        trunk = graph.scope("stage\(stage + 1)/unit\(unit + 1)") { module(trunk, in: &$0) }
      }
    }
    let active = graph.relu(trunk, "head/relu")
    return head(active, classes: classes, in: &graph)
  }
}
