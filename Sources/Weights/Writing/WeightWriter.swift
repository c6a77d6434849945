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
    /// `.keras`: the whole model, which `load_model` of Keras 3 loads without this program's code.
    case kerasArchive = "keras-archive"
  }

  /// - Parameters:
  ///   - memory: the weights.
  ///   - graph: the network.
  ///   - network: its description.
  ///   - classNames: one a class, in the network's order, or none; Keras' forms have no place for them.
  ///   - trained: what the network was trained on; nor for that.
  ///   - format: the form.
  ///   - path: of the file.
  /// - Throws: where the system refuses, or the network cannot be said in Keras' layers.
  public static func write(
    _ memory: ParameterMemory, of graph: Graph, network: NetworkDescription,
    classNames: [String] = [], trained: TrainedImages = TrainedImages(),
    as format: Format, to path: String
  ) throws(WeightError) {
    let classes = graph.outputShape.channels
    precondition(classNames.isEmpty || classNames.count == classes, "a name for each class")
    switch format {
    case .continuum:
      try asWeightError { () throws(RecordError) in
        try writeContinuum(memory, graph, network, classNames, trained, to: path)
      }
    case .kerasLegacy:
      let layers = try KerasLayers(graph).layers
      try asWeightError { () throws(RecordError) in try writeLegacy(memory, layers, to: path) }
    case .kerasV3:
      let layers = try KerasLayers(graph).layers
      try asWeightError { () throws(RecordError) in
        try HDF5File.write(to: path) { (root) throws(RecordError) in
          try writeVariables(memory, layers, into: root)
        }
      }
    case .kerasArchive:
      let model = try WrittenKerasModel(graph)
      try asWeightError { () throws(RecordError) in
        let weights = try HDF5File.bytes(for: path) { (root) throws(RecordError) in
          try writeVariables(memory, model.layers, into: root)
        }
        try KerasArchiveWriter.write(model, weights: weights, to: path)
      }
    }
  }

  /// Every parameter under its path, with what a reader needs to build the network again.
  private static func writeContinuum(
    _ memory: ParameterMemory, _ graph: Graph, _ network: NetworkDescription,
    _ classNames: [String], _ trained: TrainedImages, to path: String
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
      try trained.write(to: root)
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
          try group.write(memory.inKeras(weight), shape: weight.shape, to: name)
        }
      }
    }
  }

  /// `/layers/<class>[_N]/vars/<number>`, with the layer's name beside its arrays.
  private static func writeVariables(
    _ memory: ParameterMemory, _ layers: [KerasLayer], into root: HDF5Group
  ) throws(RecordError) {
    for layer in layers {
      let group = try root.makeGroup("layers/\(layer.key)/vars")
      try group.attributes.write(layer.name, to: "name")
      for (number, weight) in layer.weights.enumerated() {
        try group.write(memory.inKeras(weight), shape: weight.shape, to: "\(number)")
      }
    }
  }
}

extension ParameterMemory {
  /// A parameter's numbers in the order of Keras' array.
  fileprivate func inKeras(_ weight: KerasLayer.Weight) -> [Float] {
    KerasGroups.joined(value(weight.parameter).array, parameters[weight.parameter].shape)
  }
}
