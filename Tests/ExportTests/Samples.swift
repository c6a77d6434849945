// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings

@testable import Export

enum Samples {
  /// A graph whose parameters hold 0, 1, 2, … from the first number of the first one on.
  static func numbered(_ graph: Graph) throws -> ParameterMemory {
    let memory = try ParameterMemory(graph)
    var next: Float = 0
    for position in graph.parameters.indices {
      let buffer = memory.value(position)
      for index in 0..<buffer.count {
        buffer[index] = next
        next += 1
      }
    }
    return memory
  }

  /// `[x → body → global average-pool → dense]`.
  static func graph(
    input: Shape = Shape(height: 7, width: 5, channels: 4),
    _ body: (inout GraphBuilder) -> Value
  ) throws -> Graph {
    var builder = GraphBuilder("net", input: input)
    let features = body(&builder)
    let pooled = builder.globalAveragePool(features, "pool")
    let logits = builder.dense(pooled, "head", units: 3)
    return try builder.finish(logits)
  }

  /// A small network with class names and a data set of pictures.
  static func network() throws -> ExportedNetwork {
    let description = try NetworkDescription(
      ["network": "probe", "width": 4, "block": ["kind": "segmented-inception", "segments": 2]],
      source: "test")
    let graph = try description.graph(
      input: Shape(height: 6, width: 5, channels: 3), classes: 2)
    return ExportedNetwork(
      graph, try numbered(graph), network: description, classNames: ["rosé", "\"lily\""],
      preprocessing: #"{"size":6}"#)
  }
}

/// A file of its own for every test, removed with the last reference to it.
final class ScratchFile {
  let path: String

  init() {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("export-tests-\(UUID().uuidString)").path
  }

  var bytes: [UInt8] {
    get throws { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
