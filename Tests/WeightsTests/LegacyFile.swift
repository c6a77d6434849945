// SPDX-License-Identifier: Apache-2.0

import Engine
import Records

@testable import Weights

/// Legacy files of any content, made by hand.
struct LegacyFile {
  struct Layer {
    var name: String
    var arrays: [(name: String, shape: [Int], values: [Float])]
  }

  var layers: [Layer]
  var attributes: [String: String] = [:]
  /// Arrays that no layer has, by their paths.
  var extra: [String] = []

  /// A network's weights as Keras 2 would name them.
  init(_ memory: ParameterMemory, of graph: Graph) throws {
    layers = try KerasLayers(graph).layers.map { layer in
      Layer(
        name: layer.name,
        arrays: layer.weights.map { weight in
          (
            "\(layer.name)/\(weight.role.rawValue):0", weight.shape,
            memory.value(weight.parameter).array
          )
        })
    }
  }

  func write(to path: String) throws {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers.map(\.name), to: "layer_names")
      for (name, text) in attributes { try root.attributes.write(text, to: name) }
      for path in extra { try root.write([Float(0.5)], shape: [1], to: path) }
      for layer in layers {
        let group = try root.makeGroup(layer.name)
        try group.attributes.write(nameList: layer.arrays.map(\.name), to: "weight_names")
        for array in layer.arrays {
          try group.write(array.values, shape: array.shape, to: array.name)
        }
      }
    }
  }
}
