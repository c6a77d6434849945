// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import TestSupport

/// Networks that several tests look at.
enum Networks {
  /// The nine points of the spectrum, as a file names them, with DESIGN's parameter counts of
  /// `stack` for 32×32×3 images, ten classes, width 64.
  static let spectrum: [(block: JSON, parameters: Int)] = [
    (["kind": "regular-conv"], 2_777_674),
    (["kind": "segmented-inception", "segments": 1], 3_449_418),
    (["kind": "segmented-inception", "segments": 2], 1_901_130),
    (["kind": "segmented-inception", "segments": 4], 1_126_986),
    (["kind": "segmented-inception", "segments": 8], 739_914),
    (["kind": "segmented-inception", "segments": 16], 546_378),
    (["kind": "segmented-inception", "segments": 32], 449_610),
    (["kind": "extreme-inception"], 368_970),
    (["kind": "separable-conv"], 367_242),
  ]

  /// The names in the zoo, as messages list them.
  static let keys = NetworkZoo.all.map { $0.key }.joined(separator: ", ")

  static let images = Shape(height: 32, width: 32, channels: 3)

  static func graph(
    _ network: JSON, input: Shape = images, classes: Int = 10
  ) throws -> Graph {
    try NetworkDescription(network, source: "test").graph(input: input, classes: classes)
  }

  /// Small enough for the twins.
  static func small(_ network: String, _ block: JSON, _ options: [String: JSON] = [:]) -> JSON {
    var fields: [String: JSON] = ["network": .string(network), "width": 4, "block": block]
    if network == "stack" { fields["stages"] = 2 }
    return .object(fields.merging(options) { $1 })
  }

  /// Every block kind that a width of 4, 8, … can honour.
  static let smallBlocks: [JSON] = BlockZoo.all.map { type in
    let kind: JSON = .string(type.key)
    return type == SimplifiedInception.self ? ["kind": kind, "towers": 2] : ["kind": kind]
  }

  /// The middle flow of Xception in small.
  static func middleFlow(blocks: Int, seed: UInt64) throws -> ParameterMemory {
    var options = BlockOptions(filters: 8)
    options[XceptionBlock.repetitions] = 3
    let block = try XceptionBlock(options)
    var graph = GraphBuilder("middle", input: Shape(height: 5, width: 5, channels: 8))
    var trunk = graph.input
    for index in 1...blocks { trunk = graph.scope("block\(index)") { block(trunk, in: &$0) } }
    let memory = try ParameterMemory(graph.finish(trunk))
    memory.initialize(seed: seed, kernels: .glorotUniform)
    return memory
  }
}
