// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// A network as Keras 3 says it in `config.json` of a `.keras`: a functional model of its own layers,
/// from the images to the probabilities.
///
/// Source: Keras 3, `serialize_keras_object` and `Functional.get_config`.
struct WrittenKerasModel {
  /// Those that have weights, in Keras' order.
  let layers: [KerasLayer]
  /// The contents of `config.json`.
  let configuration: JSON

  /// - Throws: the op that Keras has no layer for.
  init(_ graph: Graph) throws(WeightError) {
    let pieces = try KerasPieces(graph)
    let keras = try KerasLayers(graph)
    layers = keras.layers
    let names = Self.names(of: pieces, in: graph, keras)
    let order = KerasOrder.order(inputs: pieces.inputs, output: pieces.output)
    /// For every piece, the layer and the shape that its readers read.
    var outputs = pieces.layers.map { _ in KerasTensor(layer: "", shape: []) }
    var entries: [JSON] = []
    for position in order {
      let piece = KerasPiece(
        graph, nodes: pieces.layers[position].nodes, kind: pieces.layers[position].kind,
        name: names[position], isOutput: position == pieces.output)
      var inputs = pieces.inputs[position].map { outputs[$0] }
      for (layer, shape) in try piece.layers(reading: inputs) {
        entries.append(layer.entry(reading: inputs))
        inputs = [KerasTensor(layer: layer.name, shape: shape)]
      }
      outputs[position] = inputs[0]
    }
    func ends(_ name: String) -> JSON { [.string(name), 0, 0] }
    configuration = [
      "module": "keras.src.models.functional", "class_name": "Functional",
      "registered_name": "Functional",
      "config": [
        "name": .string(graph.name.replacing("-", with: "_")), "trainable": true,
        "layers": .array(entries),
        "input_layers": ends(outputs[order[0]].layer),
        "output_layers": ends(outputs[pieces.output].layer),
      ],
      "build_config": ["input_shape": .null], "compile_config": .null,
    ]
  }

  /// Of every piece: Keras' own, or that of its first op; no two alike.
  private static func names(
    of pieces: KerasPieces, in graph: Graph, _ keras: KerasLayers
  ) -> [String] {
    var owners: [Int: String] = [:]
    for layer in keras.layers {
      for weight in layer.weights { owners[weight.parameter] = layer.name }
    }
    var taken = Set(keras.layers.map(\.name))
    return pieces.layers.map { piece in
      if let first = piece.weights.first, let name = owners[first.parameter] { return name }
      let own = piece.path == "input" ? "images" : piece.path.replacing("/", with: "_")
      var name = own
      var number = 0
      while !taken.insert(name).inserted {
        number += 1
        name = "\(own)_\(number)"
      }
      return name
    }
  }
}

/// What a layer gives to those that read it.
struct KerasTensor {
  var layer: String
  /// Without the batch.
  var shape: [Int]

  var batchShape: JSON { .array([.null] + shape.map(JSON.integer)) }

  /// As it stands under `inbound_nodes`.
  var json: JSON {
    [
      "class_name": "__keras_tensor__",
      "config": [
        "shape": batchShape, "dtype": "float32", "keras_history": [.string(layer), 0, 0],
      ],
    ]
  }
}

/// One layer of a functional model.
struct KerasLayerEntry {
  /// Keras' class: `Conv2D`.
  var type: String
  var name: String
  /// What the class is built with, its name aside.
  var options: [String: JSON]

  /// As it stands under `layers`.
  func entry(reading inputs: [KerasTensor]) -> JSON {
    let tensors = inputs.map(\.json)
    let argument: JSON = tensors.count == 1 ? tensors[0] : .array(tensors)
    let nodes: JSON =
      inputs.isEmpty ? [] : [["args": [argument], "kwargs": .object([:])]]
    return [
      "module": "keras.layers", "class_name": .string(type), "registered_name": .null,
      "name": .string(name), "inbound_nodes": nodes,
      "config": .object(
        options.merging(["name": .string(name), "dtype": "float32"]) { own, _ in own }),
    ]
  }
}
