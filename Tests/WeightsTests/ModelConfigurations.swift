// SPDX-License-Identifier: Apache-2.0

import Engine
import Records

@testable import Weights

/// Configurations of Keras, written by hand: a convolution, a batch norm, a head.
struct ModelConfiguration {
  /// More fields of a layer, or others, as JSON.
  var convolution = ""
  var normalization = ""
  var dense = #""activation": "softmax""#
  /// Layers before the first and before the dense one.
  var front = ""
  var between = ""
  var size = "null, 6, 6, 3"

  private var head: String {
    """
    {"class_name": "GlobalAveragePooling2D", "config": {"name": "pool"}}, \(between)
    {"class_name": "Dense", "config": {"name": "head", "units": 2, \(dense)}}
    """
  }

  private var base: String {
    """
    {"class_name": "Conv2D", "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3],
      \(without(convolution, #""padding": "same","#)) \(without(convolution, #""use_bias": false,"#))
      \(convolution) "kernel_initializer": {}}},
    {"class_name": "BatchNormalization", "config": {"name": "bn",
      \(without(normalization, #""axis": [3],"#)) \(normalization) "momentum": 0.99}},
    {"class_name": "ReLU", "config": {"name": "relu", "max_value": null}}
    """
  }

  /// A usual field, unless there is another of its name.
  private func without(_ fields: String, _ usual: String) -> String {
    fields.split(separator: ":").first == usual.split(separator: ":").first ? "" : usual
  }

  private var input: String {
    #"{"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [\#(size)]}}"#
  }

  /// All layers in one model.
  var plain: String {
    """
    {"class_name": "Sequential", "config": {"name": "whole", "layers":
      [\(input), \(front) \(base), \(head)]}}
    """
  }

  /// The base as a model inside the model.
  var nested: String {
    """
    {"class_name": "Sequential", "config": {"name": "whole", "layers":
      [\(input), \(front) {"class_name": "Sequential", "config": {"name": "base", "layers":
      [\(input), \(base)]}}, \(head)]}}
    """
  }

  /// The network that it is for.
  static func graph() throws -> Graph {
    var graph = GraphBuilder("net", input: Shape(height: 6, width: 6, channels: 3))
    let mapped = graph.conv2D(graph.input, "conv", filters: 4, kernel: 3)
    let normalized = graph.batchNorm(mapped, "bn")
    let active = graph.relu(normalized, "relu")
    return try graph.finishedWithHead(active, classes: 2)
  }

  /// A file of the whole model in HDF5, its arrays those of a network.
  static func file(_ configuration: String, _ memory: ParameterMemory, in folder: ScratchFolder)
    throws -> String
  {
    var arrays = try LegacyFile(memory, of: try graph()).layers.flatMap(\.arrays)
    for (position, name) in ["conv", "bn", "bn", "bn", "bn", "head", "head"].enumerated() {
      let last = arrays[position].name.split(separator: "/").last ?? ""
      arrays[position].name = "\(name)/\(last)"
    }
    let isNested = configuration.contains(#""name": "base""#)
    let layers: [(String, Range<Int>)] =
      isNested
      ? [("base", 0..<5), ("head", 5..<7)] : [("conv", 0..<1), ("bn", 1..<5), ("head", 5..<7)]
    let path = folder.file("model.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(configuration, to: "model_config")
      let weights = try root.makeGroup("model_weights")
      try weights.attributes.write(nameList: layers.map(\.0), to: "layer_names")
      for (layer, positions) in layers {
        let group = try weights.makeGroup(layer)
        try group.attributes.write(nameList: positions.map { arrays[$0].name }, to: "weight_names")
        for array in arrays[positions] {
          try group.write(array.values, shape: array.shape, to: array.name)
        }
      }
    }
    return path
  }
}
