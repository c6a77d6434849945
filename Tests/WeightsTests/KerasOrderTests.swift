// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Testing

@testable import Weights

/// The tables in Tests/Golden/keras were written by Keras 3.15.1: every layer of its published
/// networks in order, with the path and shape of every array.
@Suite struct KerasOrderTests {
  /// One line of a table: `[name, class, [[path, shape, trainable]…], output]`.
  struct Layer: Decodable {
    let name: String
    let kind: String
    let weights: [Weight]

    struct Weight: Decodable {
      let path: String
      let shape: [Int]

      init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        path = try fields.decode(String.self)
        shape = try fields.decode([Int].self)
      }
    }

    init(from decoder: any Decoder) throws {
      var fields = try decoder.unkeyedContainer()
      name = try fields.decode(String.self)
      kind = try fields.decode(String.self)
      weights = try fields.decode([Weight].self)
    }
  }

  static func table(_ name: String) throws -> [Layer] {
    let file = Fixtures.folder.appending(path: "\(name).json")
    return try JSONDecoder().decode([Layer].self, from: Data(contentsOf: file))
  }

  @Test(arguments: [
    ("xception", "xception", 81), ("inception-v3", "inception_v3", 189), ("vgg16", "vgg16", 16),
    ("resnet152", "resnet152", 311),
  ])
  func layersStandAsInKeras(network: String, file: String, count: Int) throws {
    let description = try NetworkDescription(.string(network), source: "test")
    let graph = try description.graph(
      input: description.usualInput, classes: description.usualClasses)
    let layers = try KerasLayers(graph).layers
    let expected = try Self.table(file).filter { !$0.weights.isEmpty }
    try #require(layers.count == count && expected.count == count)
    for (layer, known) in zip(layers, expected) {
      #expect(layer.name == known.name)
      #expect(layer.kind.rawValue == known.kind)
      #expect(
        layer.weights.map { "\(layer.name)/\($0.role.rawValue)" } == known.weights.map(\.path))
      #expect(layer.weights.map(\.shape) == known.weights.map(\.shape))
    }
    let used = layers.flatMap { $0.weights.map(\.parameter) }
    #expect(Set(used).count == graph.parameters.count && used.count == graph.parameters.count)
  }
}
