// SPDX-License-Identifier: Apache-2.0

import Engine

/// A network in Keras' layers: those that have weights, in Keras' own order.
///
/// A depthwise convolution that only a 1×1 convolution reads is one SeparableConv2D; a ReLU that
/// alone reads a convolution or dense layer with bias is that layer's activation; every other op is
/// a layer. A convolution over equal segments is a Conv2D with as many groups.
public struct KerasLayers: Sendable {
  /// In the order of `model.layers`.
  public let layers: [KerasLayer]

  /// - Throws: the op that Keras has no layer for.
  public init(_ graph: Graph) throws(WeightError) {
    let pieces = try KerasPieces(graph)
    let order = KerasOrder.order(inputs: pieces.inputs, output: pieces.output)
    let names = Self.names(of: pieces.layers, in: graph)
    var counts: [KerasLayer.Kind: Int] = [:]
    layers = order.compactMap { position in
      guard let kind = pieces.layers[position].kind else { return nil }
      let key = Self.numbered(kind.key, counts[kind, default: 0])
      counts[kind, default: 0] += 1
      return KerasLayer(
        kind: kind, name: names[position], key: key, weights: pieces.layers[position].weights)
    }
  }

  /// Keras' names, made up in the order of creation where it has none of its own.
  private static func names(of layers: [KerasPieces.Layer], in graph: Graph) -> [String] {
    var counts: [KerasLayer.Kind: Int] = [:]
    return layers.map { layer in
      guard let kind = layer.kind else { return "" }
      let own = KerasNames.name(of: layer.path, kind: kind, in: graph.name)
      if let own { return own }
      let name = numbered(kind.key, counts[kind, default: 0])
      counts[kind, default: 0] += 1
      return name
    }
  }

  /// `conv2d`, `conv2d_1`, `conv2d_2`.
  private static func numbered(_ key: String, _ number: Int) -> String {
    number == 0 ? key : "\(key)_\(number)"
  }
}

/// A graph cut into what are layers in Keras.
struct KerasPieces {
  /// One or more ops that are one layer.
  struct Layer {
    /// Of the first op.
    var path: String
    /// All its ops, in order.
    var nodes: [Int] = []
    /// Nil where it has no weights.
    var kind: KerasLayer.Kind?
    var weights: [KerasLayer.Weight] = []
  }

  private(set) var layers: [Layer] = []
  /// For every layer, the layers that it reads.
  private(set) var inputs: [[Int]] = []
  private(set) var output = 0
  private let graph: Graph
  /// The layer that each op belongs to.
  private var layerOfNode: [Int] = []

  init(_ graph: Graph) throws(WeightError) {
    self.graph = graph
    let readers = graph.readers
    for (position, node) in graph.nodes.enumerated() {
      let sources = node.inputs.map { layerOfNode[$0.index] }
      if let first = node.inputs.first, readers[first.index].count == 1,
        joins(node, graph.nodes[first.index], layer: sources[0])
      {
        join(node, layer: sources[0])
        layerOfNode.append(sources[0])
      } else {
        layers.append(try layer(node))
        inputs.append(sources)
        layerOfNode.append(layers.count - 1)
      }
      layers[layerOfNode[position]].nodes.append(position)
    }
    output = layerOfNode[graph.output.index]
  }

  /// Whether an op is part of the layer that it alone reads.
  private func joins(_ node: Graph.Node, _ source: Graph.Node, layer: Int) -> Bool {
    switch node.op {
    case let pointwise as Convolution:
      return layers[layer].kind == .depthwiseConv2D && source.op is DepthwiseConvolution
        && pointwise.segments.count == 1 && pointwise.kernel.count == 1 && pointwise.stride == 1
    case let op as ActivationOp where op.activation == .relu:
      return (source.op is Convolution || source.op is Dense)
        && layers[layer].weights.contains { $0.role == .bias }
    default: return false
    }
  }

  private mutating func join(_ node: Graph.Node, layer: Int) {
    guard node.op is Convolution else { return }
    layers[layer].kind = .separableConv2D
    layers[layer].weights += weights(of: node).map { weight in
      var weight = weight
      if weight.role == .kernel { weight.role = .pointwiseKernel }
      return weight
    }
  }

  private func layer(_ node: Graph.Node) throws(WeightError) -> Layer {
    func refusal(_ rule: String) -> WeightError {
      WeightError(file: graph.name, object: node.name, rule: rule)
    }
    let kind: KerasLayer.Kind?
    switch node.op {
    case let convolution as Convolution:
      guard Set(convolution.segments).count == 1 else {
        let widths = convolution.segments.map { "\($0.input) → \($0.output)" }
        throw refusal(
          "Keras has no layer for a convolution over segments that differ "
            + "(\(widths.joined(separator: ", "))); its groups are equally wide")
      }
      kind = .conv2D
    case is DepthwiseConvolution: kind = .depthwiseConv2D
    case is BatchNormalization: kind = .batchNormalization
    case is Dense: kind = .dense
    case is Slice: throw refusal("Keras has no layer for a slice of channels")
    default:
      guard node.parameters.isEmpty else {
        throw refusal("no layer of Keras is known for a \(node.op.kind)")
      }
      kind = nil
    }
    return Layer(path: node.name, kind: kind, weights: weights(of: node))
  }

  /// An op's parameters, which stand in Keras' order: those that learn, then those that do not.
  private func weights(of node: Graph.Node) -> [KerasLayer.Weight] {
    node.parameters.map { position in
      let parameter = graph.parameters[position]
      return KerasLayer.Weight(
        role: KerasRole(parameter.role), shape: KerasGroups.shape(parameter.shape),
        parameter: position)
    }
  }
}

extension KerasRole {
  init(_ role: Parameter.Role) {
    switch role {
    case .kernel: self = .kernel
    case .depthwiseKernel: self = .depthwiseKernel
    case .bias: self = .bias
    case .scale: self = .gamma
    case .offset: self = .beta
    case .runningMean: self = .movingMean
    case .runningVariance: self = .movingVariance
    }
  }
}
