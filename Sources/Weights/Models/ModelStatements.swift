// SPDX-License-Identifier: Apache-2.0

import Engine

/// What a file of a whole model says beside its weights, and a network must do to answer as it does.
public struct ModelStatements: Equatable, Sendable {
  /// What turns the last layer's numbers into the model's answer.
  public enum Head: String, Sendable {
    case softmax, sigmoid
    /// Nothing: the answers are the logits.
    case linear
  }

  /// Height, width and channels of the images; nil where any will do.
  public let input: [Int?]
  /// By position in the graph, for every batch norm.
  public let epsilons: [Int: Float]
  public let front: Front
  public let head: Head
  /// Kinds of number that the model computes in, beside 32-bit floats: its own answers are then
  /// coarser than ours.
  public let precisions: [String]
}

extension ModelStatements {
  /// Whether images may have a size.
  public func takes(_ shape: Shape) -> Bool {
    zip(input, [shape.height, shape.width, shape.channels]).allSatisfy { $0 == nil || $0 == $1 }
  }

  /// Its images: `16×16×3`, with `any` where any will do.
  public var inputText: String {
    input.map { $0.map(String.init) ?? "any" }.joined(separator: "×")
  }

  /// Checks that a network does by itself what the model does, softmax behind it.
  ///
  /// - Parameters:
  ///   - graph: the network.
  ///   - file: its path, for errors.
  ///   - hasOwnHead: whether the network learns its own last layer, so that the model's does not
  ///     matter.
  /// - Throws: what it does otherwise.
  public func checkHold(
    for graph: Graph, file: String, hasOwnHead: Bool = false
  ) throws(WeightError) {
    try checkEpsilons(of: graph, file: file)
    guard front.isIdentity else {
      throw WeightError(
        file: file,
        rule: "is a model that rescales its images first (\(front.text)), which is no part of the "
          + "network; predict and evaluate follow it")
    }
    guard hasOwnHead || head != .sigmoid else {
      throw WeightError(
        file: file,
        rule: "is a model that ends in a sigmoid, where the network ends in a softmax; predict "
          + "follows it")
    }
  }
}

extension ModelStatements {
  /// Checks that a network's batch norms have the model's epsilons.
  ///
  /// - Throws: the first that has another.
  public func checkEpsilons(of graph: Graph, file: String) throws(WeightError) {
    for (position, own) in graph.epsilons.sorted(by: { $0.key < $1.key }) {
      guard let epsilon = epsilons[position], epsilon != own else { continue }
      throw WeightError(
        file: file, object: graph.nodes[position].name,
        rule: "has the epsilon \(epsilon) in the file and \(own) in the network; "
          + "batchNormEpsilon in the network's description sets it")
    }
  }
}

extension Front {
  /// `scale 0.5, offset 0`.
  var text: String {
    func list(_ numbers: [Double]) -> String { numbers.map { "\($0)" }.joined(separator: ", ") }
    return "scale \(list(scale)), offset \(list(offset))"
  }
}
