// SPDX-License-Identifier: Apache-2.0

import Engine

/// A layer with its arrays as one side of a comparison has it: a file, or a network.
struct ListedLayer: Equatable {
  struct Array: Equatable {
    var name: String
    var shape: [Int]
    /// Nil where the name does not say.
    var role: KerasRole?
    /// The array's position in the file, or the parameter's in the graph.
    var number: Int
  }

  var name: String
  /// Class and counter, where the layer has them.
  var key: String?
  var arrays: [Array]
}

extension ListedLayer {
  /// The layers of a file that have arrays, in its order.
  static func layers(of outline: WeightOutline) -> [ListedLayer] {
    var number = 0
    return outline.layers.compactMap { layer in
      let arrays = layer.arrays.map { array in
        defer { number += 1 }
        return Array(
          name: array.name, shape: array.shape,
          role: outline.isKeras ? KerasRole(inName: array.name) : nil, number: number)
      }
      return arrays.isEmpty ? nil : ListedLayer(name: layer.name, key: layer.key, arrays: arrays)
    }
  }

  /// A network's layers as Keras has them.
  static func layers(of keras: KerasLayers) -> [ListedLayer] {
    keras.layers.map { layer in
      let arrays = layer.weights.map { weight in
        // Keras 2 and 3 call this kernel differently.
        let role = layer.kind == .depthwiseConv2D ? nil : weight.role
        return Array(
          name: weight.role.rawValue, shape: weight.shape, role: role, number: weight.parameter)
      }
      return ListedLayer(name: layer.name, key: layer.key, arrays: arrays)
    }
  }

  /// A network's ops with their parameters, as our own files keep them.
  static func layers(of graph: Graph) -> [ListedLayer] {
    graph.nodes.filter { !$0.parameters.isEmpty }.map { node in
      let arrays = node.parameters.map { position in
        let parameter = graph.parameters[position]
        return Array(
          name: String(parameter.path.dropFirst(node.name.count + 1)), shape: parameter.shape,
          number: position)
      }
      return ListedLayer(name: node.name, arrays: arrays)
    }
  }
}
