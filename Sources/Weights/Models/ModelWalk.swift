// SPDX-License-Identifier: Apache-2.0

import Engine

/// Goes through a model of Keras and a network side by side, from the outputs to the images, and finds
/// which layer is which op, or the first field in which they differ.
///
/// Sizes, paddings and strides are compared by what they do at the network's size of images.
struct ModelWalk {
  /// Positions in the model's nodes and the graph's.
  private(set) var pairs: [(theirs: Int, ours: Int)] = []
  private(set) var front = Front()
  let model: KerasModel
  let graph: Graph
  private let file: String
  /// What each op was found to be.
  private var partners: [Int: Int] = [:]
  private var open: [Pair] = []

  private struct Pair {
    var theirs: Int
    var ours: Int
    /// Whether all that stands behind, up to a dense layer, takes numbers without their places.
    var isFlat: Bool
  }

  /// - Parameters:
  ///   - theirs, ours: where to begin: values that must be equal.
  /// - Throws: the layer, field and value in which they differ.
  init(
    _ model: KerasModel, _ graph: Graph, from theirs: Int, _ ours: Int, isFlat: Bool = false,
    file: String
  ) throws(WeightError) {
    (self.model, self.graph, self.file) = (model, graph, file)
    open = [Pair(theirs: theirs, ours: ours, isFlat: isFlat)]
    while let next = open.popLast() { try visit(next) }
    var layers: [String: Int] = [:]
    for (theirs, ours) in pairs where !graph.nodes[ours].parameters.isEmpty {
      let key = "\(model.nodes[theirs].layer) \(model.nodes[theirs].firstArray)"
      if layers.updateValue(ours, forKey: key) != nil {
        throw refusal(
          theirs, "is used twice, with the same weights; the network has two of its own")
      }
    }
  }

  func refusal(_ theirs: Int, _ rule: String) -> WeightError {
    WeightError(
      file: file, object: printable(model.nodes[theirs].layer), rule: "\(rule); nothing is loaded")
  }

  private mutating func visit(_ pair: Pair) throws(WeightError) {
    var pair = pair
    pair.theirs = passed(
      pair.theirs, isFlat: pair.isFlat, pixels: graph.nodes[pair.ours].output.pixels)
    while graph.nodes[pair.ours].op is Dropout {
      pair.ours = graph.nodes[pair.ours].inputs[0].index
    }
    if let known = partners[pair.ours] {
      guard known == pair.theirs else {
        throw refusal(
          pair.theirs, "is read where the network reads \(graph.nodes[pair.ours].name) again")
      }
      return
    }
    partners[pair.ours] = pair.theirs
    if pair.ours == graph.input.index { return try readFront(from: pair.theirs) }
    let inputs = try match(pair.theirs, pair.ours)
    let own = graph.nodes[pair.ours].inputs
    guard inputs.count == own.count else {
      throw refusal(
        pair.theirs, "reads \(inputs.count) layers; the network's \(name(pair.ours)) \(own.count)")
    }
    pairs.append((pair.theirs, pair.ours))
    let staysFlat = keepsFlat(pair.ours) && (pair.isFlat || graph.nodes[pair.ours].op is Dense)
    let ordered =
      graph.nodes[pair.ours].op is Addition ? inSameOrder(inputs, as: own) : inputs
    for (input, value) in zip(ordered, own) {
      open.append(Pair(theirs: input, ours: value.index, isFlat: staysFlat))
    }
  }

  /// Two summands in the order in which they look alike: which comes first changes nothing.
  private func inSameOrder(_ inputs: [Int], as own: [Value]) -> [Int] {
    guard inputs.count == 2 else { return inputs }
    func looksAlike(_ theirs: Int, _ value: Value) -> Bool {
      let node = model.nodes[passed(theirs, isFlat: false, pixels: 0)]
      return node.op.isSameKind(as: graph.nodes[value.index].op)
    }
    let isCrossed =
      !(looksAlike(inputs[0], own[0]) && looksAlike(inputs[1], own[1]))
      && looksAlike(inputs[0], own[1]) && looksAlike(inputs[1], own[0])
    return isCrossed ? inputs.reversed() : inputs
  }

  private func keepsFlat(_ ours: Int) -> Bool {
    graph.nodes[ours].op is Dense || graph.nodes[ours].op is ActivationOp
  }

  /// The op that a value comes from, but for those that change nothing.
  private func passed(_ theirs: Int, isFlat: Bool, pixels: Int) -> Int {
    var theirs = theirs
    while let source = model.nodes[theirs].inputs.first {
      switch model.nodes[theirs].op {
      case .nothing: theirs = source
      case .flatten where isFlat || pixels == 1: theirs = source
      default: return theirs
      }
    }
    return theirs
  }

  func name(_ ours: Int) -> String { graph.nodes[ours].name }

  /// What is done to images before the first layer: rescaling alone.
  private mutating func readFront(from theirs: Int) throws(WeightError) {
    var steps: [Int] = []
    var theirs = theirs
    while let source = model.nodes[theirs].inputs.first {
      steps.append(theirs)
      theirs = source
    }
    for step in steps.reversed() {
      switch model.nodes[step].op {
      case .nothing: continue
      case .rescaling(let scale, let offset):
        do throws(KerasRefusal) {
          try front.append(scale: scale, offset: offset)
        } catch {
          throw refusal(step, error.rule)
        }
      case let op: throw refusal(step, "is \(op.title); the network begins behind it")
      }
      guard [1, graph.inputShape.channels].contains(front.scale.count) else {
        throw refusal(
          step, "rescales \(front.scale.count) channels; images have \(graph.inputShape.channels)")
      }
    }
  }

  /// Whether a value is the output of a dense layer, or has lost its places otherwise.
  private func hasLostPlaces(_ theirs: Int) -> Bool {
    var theirs = theirs
    while let source = model.nodes[theirs].inputs.first {
      switch model.nodes[theirs].op {
      case .flatten, .globalAveragePool: return true
      case .nothing, .activation, .dense, .batchNormalization, .addition: theirs = source
      default: return false
      }
    }
    return false
  }
}

// MARK: Ops side by side

extension ModelWalk {
  /// Compares two ops.
  ///
  /// - Returns: what the model's reads.
  private func match(_ theirs: Int, _ ours: Int) throws(WeightError) -> [Int] {
    let (node, own) = (model.nodes[theirs], graph.nodes[ours])
    switch (node.op, own.op) {
    case (.convolution, is Convolution), (.depthwiseConvolution, is DepthwiseConvolution):
      return [try matchConvolution(theirs, ours)]
    case (.maxPool(let window), let op as MaxPool):
      return [try match(window, op, theirs, ours, isPool: true)]
    case (.averagePool(let window), let op as AveragePool):
      return [try match(window, op, theirs, ours, isPool: true, averages: true)]
    case (.batchNormalization(_, let scale, let offset), let op as BatchNormalization):
      try require("scale", scale, op.hasScale, theirs, ours)
      try require("center", offset, true, theirs, ours)
    case (.activation(let activation), let op as ActivationOp):
      try require(
        "activation", activation,
        KerasActivation.name(of: op.activation) ?? op.activation.rawValue, theirs, ours)
    case (.dense(let units, let hasBias), is Dense):
      try require("units", units, own.output.channels, theirs, ours)
      try require("use_bias", hasBias, true, theirs, ours)
      let input = own.inputs[0]
      guard hasLostPlaces(node.inputs[0]) || graph.shape(of: input).pixels == 1 else {
        throw refusal(theirs, "is a dense layer at every pixel; the network's \(own.name) is not")
      }
    case (.globalAveragePool, is GlobalAveragePool), (.addition, is Addition),
      (.concatenation, is Concatenation):
      break
    default: throw mismatch(theirs, ours)
    }
    return node.inputs
  }

  private func matchConvolution(_ theirs: Int, _ ours: Int) throws(WeightError) -> Int {
    let own = graph.nodes[ours]
    switch (model.nodes[theirs].op, own.op) {
    case (.convolution(let window, let filters, let groups, let hasBias), let op as Convolution):
      guard Set(op.segments).count == 1 else {
        throw refusal(
          theirs, "has equal groups; the segments of the network's \(own.name) are unequal")
      }
      try require("groups", groups, op.segments.count, theirs, ours)
      try require("filters", filters, own.output.channels, theirs, ours)
      try require("use_bias", hasBias, op.hasBias, theirs, ours)
      return try match(window, op, theirs, ours)
    case (
      .depthwiseConvolution(let window, let multiplier, let bias), let op as DepthwiseConvolution
    ):
      try require("depth_multiplier", multiplier, op.multiplier, theirs, ours)
      try require("use_bias", bias, false, theirs, ours)
      return try match(window, op, theirs, ours)
    default: throw mismatch(theirs, ours)
    }
  }

  private func mismatch(_ theirs: Int, _ ours: Int) -> WeightError {
    let own = graph.nodes[ours]
    let kind = ours == graph.input.index ? "has the images" : "has the \(own.op.kind) \(own.name)"
    return refusal(theirs, "is \(model.nodes[theirs].op.title), where the network \(kind)")
  }

  private func require<Value: Equatable>(
    _ field: String, _ value: Value, _ own: Value, _ theirs: Int, _ ours: Int
  ) throws(WeightError) {
    guard value != own else { return }
    throw refusal(theirs, "\(field) is \(value); the network's \(name(ours)) has \(own)")
  }
}

extension KerasOp {
  /// Whether an op of a graph may be the same, going by its kind alone.
  fileprivate func isSameKind(as op: any Op) -> Bool {
    switch self {
    case .convolution: op is Convolution
    case .batchNormalization: op is BatchNormalization
    case .activation: op is ActivationOp
    case .maxPool: op is MaxPool
    case .addition: op is Addition
    default: false
    }
  }
}
