// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import RandomStreams
import Records

@testable import Weights

/// Files that Keras wrote, or that look as if an older Keras had.
enum Fixtures {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/keras")

  /// The same weights in five forms.
  static let tiny = [
    "tiny.keras1-style.h5", "tiny.keras3-legacy-whole-model.h5", "tiny.keras3.weights.h5",
    "tiny.keras3.keras", "tiny.handwritten-minimal.weights.h5",
  ]

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  /// The network that they are for.
  static func tinyGraph(classes: Int = 5, filters: Int = 6) throws -> Graph {
    var graph = GraphBuilder("tiny", input: Shape(height: 16, width: 16, channels: 3))
    let conv = graph.conv2D(graph.input, "conv", filters: 4, kernel: 3, padding: .valid)
    let normalized = graph.batchNorm(conv, "bn")
    let spatial = graph.depthwiseConv2D(normalized, "depthwise", kernel: 3, padding: .valid)
    let mixed = graph.conv2D(spatial, "pointwise", filters: filters, kernel: 1)
    let dropped = graph.dropout(mixed, "dropout", rate: 0.5)
    return try graph.finishedWithHead(dropped, classes: classes)
  }

  /// A network's memory with numbers that all differ.
  static func filled(_ graph: Graph, seed: UInt64 = 1) throws -> ParameterMemory {
    let memory = try ParameterMemory(graph)
    var stream = RandomStream(seed: seed, "weights")
    for position in graph.parameters.indices {
      let buffer = memory.value(position)
      for index in 0..<buffer.count { buffer[index] = stream.uniform() - 0.5 }
    }
    return memory
  }
}

extension GraphBuilder {
  /// `[global average-pool → dense]` behind `x`, and the whole graph.
  mutating func finishedWithHead(_ x: Value, classes: Int) throws -> Graph {
    let pooled = globalAveragePool(x, "pool")
    let logits = dense(pooled, "dense", units: classes)
    return try finish(logits)
  }
}

extension ParameterMemory {
  /// All parameters' numbers, in order.
  var numbers: [[Float]] { parameters.indices.map { value($0).array } }
}

/// A folder of its own for every test, removed with the last reference to it.
final class ScratchFolder {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "weights-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func copy(_ fixture: String, as name: String) throws -> String {
    try FileManager.default.copyItem(atPath: Fixtures.path(fixture), toPath: file(name))
    return file(name)
  }
}
