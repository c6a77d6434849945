// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// The graphs whose numbers the paper prints, at its own sizes.
struct PaperNetworks {
  let xception, inceptionV3, inceptionV3Of2016, vgg16, resNet152: Graph
  /// Xception with JFT's 17,000 classes, and with the fully connected layers of Table 2.
  let jft, jftFullyConnected: Graph

  init() throws {
    func graph(_ network: JSON, classes: Int? = nil) throws -> Graph {
      let description = try NetworkDescription(network, source: "paper")
      return try description.graph(
        input: description.usualInput, classes: classes ?? description.usualClasses)
    }
    xception = try graph("xception")
    inceptionV3 = try graph("inception-v3")
    inceptionV3Of2016 = try graph("inception-v3-2016")
    vgg16 = try graph("vgg16")
    resNet152 = try graph("resnet152")
    jft = try graph("xception", classes: 17_000)
    jftFullyConnected = try graph(
      ["network": "xception", "fullyConnected": [4096, 4096]], classes: 17_000)
  }

  func parameters(_ graph: Graph) -> Int { graph.cost.trainableParameters }

  func shape(_ graph: Graph, _ name: String) -> String {
    graph.nodes.first { $0.name == name }.map { "\($0.output)" } ?? "missing"
  }

  /// Convolutions, a separable one being one, and dense layers; a classifier of Xception is not
  /// counted by the paper.
  func layers(_ graph: Graph, isCounted: (Graph.Node) -> Bool) -> Int {
    let isXception = graph.name == Xception.key
    return graph.nodes.filter(isCounted).count { node in
      node.op is Convolution || (node.op is Dense && !isXception)
    }
  }

  /// The number of towers of each module of Inception V3.
  var inceptionTowers: [Int] {
    (0...10).map { module in
      let towers = inceptionV3.nodes.compactMap { node -> Substring? in
        let parts = node.name.split(separator: "/")
        let isTower = parts.count > 1 && parts[0] == "mixed\(module)"
        return isTower && parts[1].hasPrefix("tower") ? parts[1] : nil
      }
      return Set(towers).count
    }
  }
}
