// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings

/// A network with its weights and what is to be said of it, in forms that other programs read and this
/// one does not.
public struct ExportedNetwork {
  let graph: Graph
  let memory: ParameterMemory
  /// Names and texts that every form has a place for: `network`, `input`, `classes`, and, where they
  /// are known, `classNames`, `preprocessing` and `data`; all of them JSON.
  public let facts: [(name: String, text: String)]

  /// - Parameters:
  ///   - graph: the network.
  ///   - memory: its weights.
  ///   - network: its description, which goes with it.
  ///   - classNames: one a class, in the network's order, or none.
  ///   - preprocessing: what pictures go through, as JSON; nil where nothing is known of pictures.
  ///   - data: the data set that it was trained on, as JSON, if that is known.
  public init(
    _ graph: Graph, _ memory: ParameterMemory, network: NetworkDescription,
    classNames: [String] = [], preprocessing: String? = nil, data: String? = nil
  ) {
    self.graph = graph
    self.memory = memory
    let input = graph.inputShape
    let sides: JSON = .array([input.height, input.width, input.channels].map(JSON.integer))
    var facts = [
      ("network", network.settings.canonicalText), ("input", sides.canonicalText),
      ("classes", "\(graph.outputShape.channels)"),
    ]
    if !classNames.isEmpty {
      facts.append(("classNames", JSON.array(classNames.map(JSON.string)).canonicalText))
    }
    if let preprocessing { facts.append(("preprocessing", preprocessing)) }
    if let data { facts.append(("data", data)) }
    self.facts = facts.map { (name: $0.0, text: $0.1) }
  }
}
