// SPDX-License-Identifier: Apache-2.0

extension Graph {
  /// This graph with everything before its head kept as it is: weights do not learn, batch norms use
  /// their running statistics, and the backward pass ends at the head.
  ///
  /// The head is the scope `head`, or the last op where there is none.
  /// Source: transfer learning as in Keras, where a layer that is not trainable also stops updating
  /// its statistics.
  public func freezingBase() -> Graph {
    let hasHead = nodes.contains { $0.name.hasPrefix("head/") }
    var parameters = parameters
    let nodes = nodes.enumerated().map { position, node -> Node in
      let isHead = hasHead ? node.name.hasPrefix("head/") : position == output.index
      guard !isHead else { return node }
      for index in node.parameters { parameters[index].isFrozen = true }
      guard var norm = node.op as? BatchNormalization else { return node }
      norm.isFrozen = true
      return Node(
        name: node.name, op: norm, inputs: node.inputs, output: node.output,
        parameters: node.parameters)
    }
    return Graph(name: name, nodes: nodes, parameters: parameters, input: input, output: output)
  }
}
