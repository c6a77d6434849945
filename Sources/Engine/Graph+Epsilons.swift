// SPDX-License-Identifier: Apache-2.0

extension Graph {
  /// What every batch norm adds to the variance, by its position.
  public var epsilons: [Int: Float] {
    var epsilons: [Int: Float] = [:]
    for (position, node) in nodes.enumerated() {
      if let norm = node.op as? BatchNormalization { epsilons[position] = norm.epsilon }
    }
    return epsilons
  }

  /// This graph with other epsilons in some of its batch norms.
  public func settingEpsilons(_ epsilons: [Int: Float]) -> Graph {
    let nodes = nodes.enumerated().map { position, node -> Node in
      guard let epsilon = epsilons[position], let norm = node.op as? BatchNormalization else {
        return node
      }
      var other = BatchNormalization(
        epsilon: epsilon, runningDecay: norm.runningDecay, hasScale: norm.hasScale)
      other.isFrozen = norm.isFrozen
      return Node(
        name: node.name, op: other, inputs: node.inputs, output: node.output,
        parameters: node.parameters)
    }
    return Graph(name: name, nodes: nodes, parameters: parameters, input: input, output: output)
  }
}
