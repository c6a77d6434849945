// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings
import Tables

/// The paper's numbers, recomputed from the zoo's graphs and from its own tables.
public enum PaperClaims {
  /// Every claim, in the order of the paper.
  ///
  /// - Throws: only where a network of the zoo cannot be built.
  public static func recomputed() throws -> [PaperClaim] {
    let networks = try PaperNetworks()
    return hypothesis(networks) + architecture(networks) + comparisons(networks) + sizes(networks)
      + heads(networks)
  }

  // MARK: Sections 1 to 3

  private static func hypothesis(_ networks: PaperNetworks) -> [PaperClaim] {
    let counts = Set(networks.inceptionTowers).sorted().map { "\($0)" }
    return [
      .text(
        "section 1.1", "towers of an Inception module", "3 or 4",
        ours: counts.joined(separator: " or "))
    ]
  }

  private static func architecture(_ networks: PaperNetworks) -> [PaperClaim] {
    let xception = networks.xception
    let modules = Set(xception.nodes.compactMap { $0.name.split(separator: "/").first })
      .filter { $0.hasPrefix("block") }
    let repeated = modules.filter { block in
      xception.cost(of: String(block)) == xception.cost(of: "block5")
    }
    return [
      .count(
        "section 3", "convolutional layers of Xception, shortcuts left out", 36,
        ours: networks.layers(xception, isCounted: { !$0.name.contains("shortcut") })),
      .count("section 3", "modules of Xception", 14, ours: modules.count),
      .count(
        "section 3", "residual connections: all modules but the first and the last", 12,
        ours: xception.nodes.count { $0.op is Addition }),
      .count("Fig. 5", "repetitions of the middle flow's module", 8, ours: repeated.count),
      .text(
        "Fig. 5", "feature maps of the middle flow", "19×19×728",
        ours: networks.shape(xception, "block12/sum"), errata: ["E2"]),
      .text(
        "Fig. 5", "feature maps of the exit flow", "10×10×2048",
        ours: networks.shape(xception, "block14/relu2")),
      .text(
        "Fig. 5", "vector before the classifier", "1×1×2048",
        ours: networks.shape(xception, "head/pool")),
      .count(
        "section 4", "layers with weights of VGG-16", 16,
        ours: networks.layers(networks.vgg16) { _ in true }),
      .count(
        "section 4", "layers with weights of ResNet-152, shortcuts left out", 152,
        ours: networks.layers(networks.resNet152, isCounted: { !$0.name.contains("shortcut") })),
    ]
  }

  // MARK: Tables 1 and 2

  private static func comparisons(_ networks: PaperNetworks) -> [PaperClaim] {
    let accuracies = [
      ("VGG-16", "0.715 / 0.901"), ("ResNet-152", "0.770 / 0.933"),
      ("Inception V3", "0.782 / 0.941"), ("Xception", "0.790 / 0.945"),
    ]
    let jft = "FastEval14k MAP@100"
    return accuracies.map { network, published in
      .notDerivable(
        "Table 1", "top-1 / top-5 of \(network) on ImageNet", published,
        errata: (network == "Xception" ? ["E3"] : []) + ["E9", "E10", "E15", "E17"])
    } + [
      .notDerivable("Table 2", "\(jft), Inception V3 without / with FC", "6.36 / 6.50"),
      .notDerivable("Table 2", "\(jft), Xception without / with FC", "6.70 / 6.78"),
      .percent(
        "section 4.5.1", "relative improvement on JFT, with FC (6.78 over 6.50)", tenths: 43,
        ours: 6.78 / 6.50 - 1, errata: ["E5"]),
      .percent(
        "section 4.5.1", "relative improvement on JFT, without FC (6.70 over 6.36)", tenths: 43,
        ours: 6.70 / 6.36 - 1, errata: ["E5"]),
      .notDerivable(
        "section 4.2", "decay of the rate on JFT", "×0.9 every 3,000,000 samples",
        errata: ["E6"]),
    ]
  }

  // MARK: Table 3

  private static func sizes(_ networks: PaperNetworks) -> [PaperClaim] {
    let (xception, today, of2016) = (
      networks.parameters(networks.xception), networks.parameters(networks.inceptionV3),
      networks.parameters(networks.inceptionV3Of2016)
    )
    let published = 23_626_728
    return [
      .count("Table 3", "parameters of Xception", 22_855_952, ours: xception),
      .count(
        "Table 3", "parameters of Inception V3 (inception-v3-2016)", published, ours: of2016,
        errata: ["E4"]),
      .count(
        "Table 3", "parameters of Inception V3 (inception-v3, today's)", published, ours: today,
        errata: ["E4"]),
      .within(
        "section 4.5.2", "difference of the two sizes (inception-v3-2016)", tenths: 35,
        ours: Double(of2016 - xception) / Double(xception)),
      .within(
        "section 4.5.2", "difference of the two sizes (inception-v3, today's)", tenths: 35,
        ours: Double(today - xception) / Double(xception), errata: ["E4"]),
      .notDerivable("Table 3", "steps a second, Inception V3", "31", errata: ["E7"]),
      .notDerivable("Table 3", "steps a second, Xception", "28", errata: ["E7"]),
    ]
  }

  // MARK: JFT's heads

  private static func heads(_ networks: PaperNetworks) -> [PaperClaim] {
    func claim(_ graph: Graph, _ head: String) -> PaperClaim {
      .notPrinted(
        "section 4.1", "parameters of Xception for JFT's 17,000 classes, \(head)",
        ours: networks.parameters(graph))
    }
    return [claim(networks.jft, "without FC"), claim(networks.jftFullyConnected, "with FC")]
  }
}
