// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Records

/// Writes a network's weights: a new file that appears whole, sealed and synced, or not at all.
public enum WeightWriter {
  /// The kinds of file that are written.
  public enum Format: String, CaseIterable, Sendable {
    /// Our own, `continuum-weights/1`.
    case continuum
    /// As Keras 2's `save_weights`; Keras 3 reads it, but cannot write it.
    case kerasLegacy = "keras-legacy"
    /// `.weights.h5` of Keras 3.
    case kerasV3 = "keras-v3"
  }

  /// - Parameter classNames: one a class, in the network's order, or none; Keras' forms have no place
  ///   for them.
  /// - Throws: where the system refuses, or the network cannot be said in Keras' layers.
  public static func write(
    _ memory: ParameterMemory, of graph: Graph, network: NetworkDescription,
    classNames: [String] = [], as format: Format, to path: String
  ) throws(WeightError) {
    let classes = graph.outputShape.channels
    precondition(classNames.isEmpty || classNames.count == classes, "a name for each class")
    switch format {
    case .continuum:
      try asWeightError { () throws(RecordError) in
        try writeContinuum(memory, graph, network, classNames, to: path)
      }
    case .kerasLegacy:
      let layers = try KerasLayers(graph).layers
      try asWeightError { () throws(RecordError) in try writeLegacy(memory, layers, to: path) }
    case .kerasV3:
      let layers = try KerasLayers(graph).layers
      try asWeightError { () throws(RecordError) in try writeVariables(memory, layers, to: path) }
    }
  }

  /// Every parameter under its path, with what a reader needs to build the network again.
  private static func writeContinuum(
    _ memory: ParameterMemory, _ graph: Graph, _ network: NetworkDescription,
    _ classNames: [String], to path: String
  ) throws(RecordError) {
    let input = graph.inputShape
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(ContinuumLayout.schema, to: "schema")
      try root.attributes.write(network.settings.canonicalText, to: "network")
      try root.attributes.write([input.height, input.width, input.channels], to: "input")
      try root.attributes.write(graph.outputShape.channels, to: "classes")
      if !classNames.isEmpty {
        try root.write(classNames, shape: [classNames.count], to: ContinuumLayout.classNames)
      }
      let weights = try root.makeGroup("weights")
      for (index, parameter) in graph.parameters.enumerated() {
        let dataset = try weights.write(
          memory.value(index).array, shape: parameter.shape, to: parameter.path)
        try dataset.attributes.write(index, to: "index")
      }
    }
  }

  /// What the file says of its writer: the layout's, not ours.
  private static let kerasVersion = "2.15.0"

  /// `/<layer>/<layer>/<array>:0`; the layers that have weights, in Keras' order.
  private static func writeLegacy(
    _ memory: ParameterMemory, _ layers: [KerasLayer], to path: String
  ) throws(RecordError) {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers.map(\.name), to: "layer_names")
      try root.attributes.write("tensorflow", to: "backend")
      try root.attributes.write(kerasVersion, to: "keras_version")
      for layer in layers {
        let group = try root.makeGroup(layer.name)
        let names = layer.weights.map { "\(layer.name)/\($0.role.rawValue):0" }
        try group.attributes.write(nameList: names, to: "weight_names")
        for (weight, name) in zip(layer.weights, names) {
          try group.write(memory.value(weight.parameter).array, shape: weight.shape, to: name)
        }
      }
    }
  }

  /// `/layers/<class>[_N]/vars/<number>`, with the layer's name beside its arrays.
  private static func writeVariables(
    _ memory: ParameterMemory, _ layers: [KerasLayer], to path: String
  ) throws(RecordError) {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      for layer in layers {
        let group = try root.makeGroup("layers/\(layer.key)/vars")
        try group.attributes.write(layer.name, to: "name")
        for (number, weight) in layer.weights.enumerated() {
          try group.write(
            memory.value(weight.parameter).array, shape: weight.shape, to: "\(number)")
        }
      }
    }
  }
}
