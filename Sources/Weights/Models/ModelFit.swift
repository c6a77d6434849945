// SPDX-License-Identifier: Apache-2.0

import Engine

/// A model of Keras on a network: which of its arrays is which parameter, and what else it states.
struct ModelFit {
  /// By position in the file.
  private(set) var parameters: [Int: Int] = [:]
  let statements: ModelStatements
  private let file: String

  /// The whole model, from the logits to the images.
  ///
  /// - Throws: the layer, field and value in which they differ.
  init(
    _ model: KerasModel, _ layers: [ListedLayer], to graph: Graph, file: String
  ) throws(WeightError) {
    let (head, logits) = try Self.head(of: model, file)
    let walk = try Self.faultless(model, file) { () throws(WeightError) in
      try ModelWalk(model, graph, from: logits, graph.output.index, file: file)
    }
    self.file = file
    statements = Self.statements(walk, head)
    try take(walk, layers)
    let used = Set(parameters.keys)
    for layer in layers {
      if let array = layer.arrays.first(where: { !used.contains($0.number) }) {
        throw WeightError(
          file: file, object: "\(printable(layer.name))/\(printable(array.name))",
          rule: "belongs to no layer that the network has; nothing is loaded")
      }
    }
  }

  /// All before the last dense layer, for a network of other classes.
  init(
    baseOf model: KerasModel, _ layers: [ListedLayer], to graph: Graph, file: String
  ) throws(WeightError) {
    let (head, last) = try Self.head(of: model, file)
    var (theirs, ours) = (last, graph.nodes[graph.output.index].inputs[0].index)
    if case .dense = model.nodes[last].op { theirs = model.nodes[last].inputs[0] }
    // A base without its top may end before the pooling.
    if !Self.endsInPooling(model, theirs) {
      while graph.nodes[ours].op is Dropout { ours = graph.nodes[ours].inputs[0].index }
      if graph.nodes[ours].op is GlobalAveragePool { ours = graph.nodes[ours].inputs[0].index }
    }
    let walk = try Self.faultless(model, file) { () throws(WeightError) in
      try ModelWalk(model, graph, from: theirs, ours, isFlat: true, file: file)
    }
    self.file = file
    statements = Self.statements(walk, head)
    try take(walk, layers)
  }

  private static func faultless(
    _ model: KerasModel, _ file: String, _ body: () throws(WeightError) -> ModelWalk
  ) throws(WeightError) -> ModelWalk {
    if let fault = model.fault {
      throw WeightError(file: file, rule: "is a model that \(fault); nothing is loaded")
    }
    return try body()
  }

  private static func endsInPooling(_ model: KerasModel, _ output: Int) -> Bool {
    var theirs = output
    while case .nothing = model.nodes[theirs].op { theirs = model.nodes[theirs].inputs[0] }
    if case .globalAveragePool = model.nodes[theirs].op { return true }
    return false
  }

  /// What turns logits into answers, and the layer that gives the logits.
  private static func head(
    of model: KerasModel, _ file: String
  ) throws(WeightError) -> (ModelStatements.Head, logits: Int) {
    var (theirs, head) = (model.output, ModelStatements.Head.linear)
    while let source = model.nodes[theirs].inputs.first {
      switch model.nodes[theirs].op {
      case .nothing: theirs = source
      case .activation(let name) where head == .linear:
        guard let known = ModelStatements.Head(rawValue: name), known != .linear else {
          // A base without its top ends in whatever its last block ends in.
          return (.linear, theirs)
        }
        (head, theirs) = (known, source)
      default: return (head, theirs)
      }
    }
    return (head, theirs)
  }

  private static func statements(_ walk: ModelWalk, _ head: ModelStatements.Head) -> ModelStatements
  {
    var epsilons: [Int: Float] = [:]
    for (theirs, ours) in walk.pairs {
      if case .batchNormalization(let epsilon, _, _) = walk.model.nodes[theirs].op {
        epsilons[ours] = Float(epsilon)
      }
    }
    return ModelStatements(
      input: walk.model.input, epsilons: epsilons, front: walk.front, head: head,
      precisions: walk.model.precisions)
  }

  /// Gives the arrays of every layer to its op's parameters.
  private mutating func take(
    _ walk: ModelWalk, _ layers: [ListedLayer]
  ) throws(WeightError) {
    let byName = Dictionary(layers.map { ($0.name, $0) }) { first, _ in first }
    for (theirs, ours) in walk.pairs where !walk.graph.nodes[ours].parameters.isEmpty {
      let node = walk.model.nodes[theirs]
      let own = walk.graph.nodes[ours].parameters
      let arrays = byName[node.layer]?.arrays.dropFirst(node.firstArray).prefix(own.count) ?? []
      guard arrays.count == own.count else {
        throw walk.refusal(
          theirs,
          "has \(arrays.count) arrays in the file, not \(own.count) for "
            + walk.name(ours))
      }
      for (array, position) in zip(arrays, own) {
        let parameter = walk.graph.parameters[position]
        let shape = KerasGroups.shape(parameter.shape)
        guard array.shape == shape else {
          throw walk.refusal(
            theirs,
            "has \(printable(array.name)) of \(array.shape.shapeText); the network's "
              + "\(parameter.path) has \(shape.shapeText)")
        }
        parameters[array.number] = position
      }
    }
  }
}
