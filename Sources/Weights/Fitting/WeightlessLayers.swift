// SPDX-License-Identifier: Apache-2.0

import Engine

/// Layers without arrays in a file of weights alone: it says nothing of them but that they are there,
/// which is enough to know that a network without such layers would answer otherwise.
struct WeightlessLayers {
  /// Their classes, as Keras writes them; of legacy files, which keep names, those that look like one.
  private let found: [(name: String, kind: String)]
  /// Whether classes are certain, so that one that is not known is refused.
  private let areClasses: Bool

  /// Layers that rescale images by numbers that the file does not have.
  private static let rescaling: Set<String> = ["rescaling", "normalization"]
  /// Layers that change answers, and that no network here has.
  private static let strangers: Set<String> = [
    "leaky_re_lu", "p_re_lu", "global_max_pooling2d", "resizing", "center_crop", "up_sampling2d",
  ]
  /// Layers that change nothing, or whose function is not in their class.
  private static let others: Set<String> = [
    "input_layer", "functional", "sequential", "model", "activation", "softmax", "dropout",
    "spatial_dropout2d", "gaussian_noise", "gaussian_dropout", "alpha_dropout", "identity",
    "activity_regularization",
  ]

  init(_ outline: WeightOutline) {
    areClasses = outline.format == .kerasV3 || outline.format == .kerasArchive
    found = outline.layers.filter { $0.arrays.isEmpty }.map { layer in
      let name = layer.key ?? layer.name
      let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
      let stem = name.dropLast(digits)
      return (layer.name, digits > 0 && stem.hasSuffix("_") ? String(stem.dropLast()) : name)
    }
  }

  /// The layer that rescales images, if there is one.
  var front: String? { found.first { Self.rescaling.contains($0.kind) }?.name }

  /// A layer that the network has no op for, if there is one.
  func stranger(to graph: Graph) -> (name: String, kind: String)? {
    found.first { layer in
      guard areClasses else { return Self.strangers.contains(layer.kind) }
      return !Self.others.contains(layer.kind) && !Self.rescaling.contains(layer.kind)
        && !layer.kind.hasPrefix("random_") && !Self.isIn(graph, layer.kind)
    }
  }

  /// Whether a network has ops of a class.
  private static func isIn(_ graph: Graph, _ kind: String) -> Bool {
    graph.nodes.contains { node in
      switch kind {
      case "re_lu": (node.op as? ActivationOp)?.activation == .relu
      case "elu": (node.op as? ActivationOp)?.activation == .elu
      case "max_pooling2d": node.op is MaxPool
      case "average_pooling2d": node.op is AveragePool
      case "global_average_pooling2d": node.op is GlobalAveragePool
      case "add": node.op is Addition
      case "concatenate": node.op is Concatenation
      case "flatten": node.op is Dense
      case "zero_padding2d": (node.op as? any WindowedOp)?.padding == .symmetric
      default: false
      }
    }
  }
}

extension WeightFile {
  /// A layer of a file of weights alone that rescales images by numbers that it does not have; nil
  /// where there is none.
  public var unknownFront: String? {
    guard outline.isKeras, outline.model == nil else { return nil }
    return WeightlessLayers(outline).front
  }
}
