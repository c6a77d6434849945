// SPDX-License-Identifier: Apache-2.0

import Engine
import ModelZoo
import Settings
import TestSupport
import Testing

/// The paper's four networks and their relatives: every published integer, to the digit.
@Suite struct PublishedNetworkTests {
  /// Trainable and non-trainable parameters and multiply-adds in millions, at the
  /// published size and 1000 classes.
  static let totals: [(network: String, trainable: Int, moving: Int, megaMultiplyAdds: Int)] = [
    ("xception", 22_855_952, 54_528, 8357),
    ("inception-v3", 23_817_352, 34_432, 5713),
    ("inception-v3-2016", 23_626_728, 34_240, 5623),
    ("vgg16", 138_357_544, 0, 15_470),
    ("resnet152", 60_268_520, 151_424, 11_282),
  ]

  @Test(arguments: totals)
  func totalsAreThePublishedOnes(
    _ network: String, _ trainable: Int, _ moving: Int, _ megaMultiplyAdds: Int
  ) throws {
    let cost = try Self.graph([:], of: network).cost
    #expect(cost.trainableParameters == trainable)
    #expect(cost.nonTrainableParameters == moving)
    #expect(cost.multiplyAdds / 1_000_000 == megaMultiplyAdds)
  }

  // MARK: Stages

  @Test func xceptionsModulesHaveThePublishedParameters() throws {
    let graph = try Self.graph([:], of: "xception")
    let middle = (5...12).map { ("block\($0)", 1_613_976, 4368) }
    let stages =
      [
        ("block1", 19_488, 192), ("block2", 35_264, 768), ("block3", 136_064, 1536),
        ("block4", 915_944, 4368),
      ] + middle + [
        ("block13", 2_039_584, 5552), ("block14", 4_748_800, 7168), ("head", 2_049_000, 0),
      ]
    #expect(Self.differences(graph, stages) == [])
  }

  /// In millions, rounded as published; the four shortcuts apart.
  @Test func xceptionsModulesHaveThePublishedMultiplyAdds() throws {
    let graph = try Self.graph([:], of: "xception")
    let middle = (5...12).map { ("block\($0)/", 581.1) }
    let stages =
      [("block1/", 417.5), ("block2/", 568.4), ("block3/", 557.2), ("block4/", 992.8)] + middle
      + [("block13/", 465.2), ("block14/", 474.2), ("head/", 2.0)]
    for (stage, millions) in stages {
      let layers = graph.layers.filter { $0.name.hasPrefix(stage) && !$0.name.contains("shortcut") }
      let sum = Double(layers.reduce(0) { $0 + $1.cost.multiplyAdds }) / 1e6
      #expect(abs(sum - millions) <= 0.05, "\(stage) \(sum)")
    }
    let shortcuts = graph.layers.filter { $0.name.contains("shortcut") }
    let sum = Double(shortcuts.reduce(0) { $0 + $1.cost.multiplyAdds }) / 1e6
    #expect(abs(sum - 231.5) <= 0.05, "shortcuts \(sum)")
  }

  @Test func xceptionsParametersByKind() throws {
    let graph = try Self.graph([:], of: "xception")
    func count(_ isCounted: (Parameter) -> Bool) -> Int {
      graph.parameters.filter(isCounted).reduce(0) { $0 + $1.count }
    }
    #expect(count { $0.role == .depthwiseKernel } == 207_432)
    #expect(count { $0.path.contains("pointwise") } == 19_552_896)
    #expect(count { $0.role == .scale } == 27_264)
    #expect(count { $0.role == .offset } == 27_264)
    #expect(count { $0.path.hasPrefix("head") && $0.role == .kernel } == 2_048_000)
    let regular = count {
      $0.role == .kernel && !$0.path.hasPrefix("head") && !$0.path.contains("pointwise")
    }
    #expect(regular == 992_096)
  }

  @Test(arguments: [
    (
      "inception-v3",
      [
        172_272, 255_440, 276_976, 284_656, 1_152_640, 1_295_872, 1_689_280, 1_689_280, 2_140_032,
        1_697_024, 5_041_344, 6_073_536, 2_049_000,
      ]
    ),
    (
      "inception-v3-2016",
      [
        173_072, 256_368, 269_680, 269_680, 1_041_280, 1_278_464, 1_692_736, 1_692_736, 2_076_192,
        1_699_584, 5_047_872, 6_080_064, 2_049_000,
      ]
    ),
  ])
  func inceptionsModulesHaveThePublishedParameters(_ network: String, _ counts: [Int]) throws {
    let graph = try Self.graph([:], of: network)
    let names = ["stem"] + (0...10).map { "mixed\($0)" } + ["head"]
    #expect(names.count == counts.count)
    let moving = names.map { graph.cost(of: $0).nonTrainableParameters }
    let stages = zip(zip(names, counts), moving).map { ($0.0, $0.1, $1) }
    #expect(Self.differences(graph, stages) == [])
    #expect(graph.nodes.count { $0.op is Convolution } == 94)
  }

  @Test func vggsStagesHaveThePublishedParameters() throws {
    let stages = [
      ("block1", 38_720, 0), ("block2", 221_440, 0), ("block3", 1_475_328, 0),
      ("block4", 5_899_776, 0), ("block5", 7_079_424, 0), ("head/fc1", 102_764_544, 0),
      ("head/fc2", 16_781_312, 0), ("head/dense", 4_097_000, 0),
    ]
    #expect(Self.differences(try Self.graph([:], of: "vgg16"), stages) == [])
  }

  @Test func resNetsStagesHaveThePublishedParameters() throws {
    let stages = [
      ("conv1", 9600, 128), ("conv2", 217_216, 2816), ("conv3", 2_346_496, 13_312),
      ("conv4", 40_670_208, 112_640), ("conv5", 14_976_000, 22_528), ("head", 2_049_000, 0),
    ]
    let graph = try Self.graph([:], of: "resnet152")
    #expect(Self.differences(graph, stages) == [])
    // The biases that the batch norms behind them make redundant.
    let biases = graph.parameters.filter { $0.role == .bias && !$0.path.hasPrefix("head") }
    #expect(biases.reduce(0) { $0 + $1.count } == 75_712)
  }

  // MARK: Shapes

  /// Fig. 5, at 299×299.
  @Test func xceptionsShapesAreThoseOfTheFigure() throws {
    let graph = try Self.graph([:], of: "xception")
    let shapes: [(String, String)] =
      [
        ("block1/relu1", "149×149×32"), ("block1/relu2", "147×147×64"),
        ("block2/sum", "74×74×128"), ("block3/sum", "37×37×256"), ("block4/sum", "19×19×728"),
      ] + (5...12).map { ("block\($0)/sum", "19×19×728") } + [
        ("block13/sum", "10×10×1024"), ("block14/relu1", "10×10×1536"),
        ("block14/relu2", "10×10×2048"), ("head/pool", "1×1×2048"), ("head/dense", "1×1×1000"),
      ]
    for (name, shape) in shapes {
      let node = try #require(graph.nodes.first { $0.name == name }, "\(name)")
      #expect("\(node.output)" == shape, "\(name)")
    }
  }

  @Test func inceptionsAndResNetsShapes() throws {
    let inception = try Self.graph([:], of: "inception-v3")
    let resNet = try Self.graph([:], of: "resnet152")
    let shapes: [(Graph, String, String)] = [
      (inception, "stem/2/pool", ""), (inception, "stem/3/pool", "73×73×64"),
      (inception, "stem/5/pool", "35×35×192"), (inception, "mixed0/concatenated", "35×35×256"),
      (inception, "mixed2/concatenated", "35×35×288"),
      (inception, "mixed3/concatenated", "17×17×768"),
      (inception, "mixed8/concatenated", "8×8×1280"),
      (inception, "mixed10/concatenated", "8×8×2048"), (resNet, "conv1/relu", "112×112×64"),
      (resNet, "conv1/pool", "56×56×64"), (resNet, "conv2/block3/relu", "56×56×256"),
      (resNet, "conv3/block8/relu", "28×28×512"), (resNet, "conv4/block36/relu", "14×14×1024"),
      (resNet, "conv5/block3/relu", "7×7×2048"),
    ]
    for (graph, name, shape) in shapes {
      let output = graph.nodes.first { $0.name == name }.map { "\($0.output)" }
      #expect(output ?? "" == shape, "\(name)")
    }
  }

  // MARK: Heads

  @Test(arguments: [
    (10, 20_827_442), (100, 21_011_852), (1000, 22_855_952), (17_000, 55_639_952),
  ])
  func xceptionsClassesCostThePublishedParameters(_ classes: Int, _ parameters: Int) throws {
    let graph = try Self.graph([:], of: "xception", classes: classes)
    #expect(graph.cost.trainableParameters == parameters)
  }

  /// The with-FC arm of Table 2.
  @Test func fullyConnectedLayersCostThePublishedParameters() throws {
    let graph = try Self.graph(
      ["fullyConnected": [4096, 4096]], of: "xception", classes: 17_000)
    #expect(graph.cost.trainableParameters == 115_629_968)
  }

  // MARK: Golden

  @Test func publishedNetworksMatchTheirGoldenCosts() throws {
    var entries: [String: Golden.Entry] = [:]
    for network in NetworkZoo.all.map({ $0.key }) where network != "stack" && network != "probe" {
      entries[network] = Golden.Entry(try Self.graph([:], of: network))
      entries["\(network) small"] = Golden.Entry(try Self.graph(["small": true], of: network))
    }
    #expect(try Golden.differences(entries, name: "published-networks") == [])
  }

  // MARK: Counting

  static func graph(
    _ options: [String: JSON], of network: String, classes: Int? = nil
  ) throws -> Graph {
    let fields = options.merging(["network": .string(network)]) { $1 }
    let description = try NetworkDescription(.object(fields), source: "test")
    return try description.graph(
      input: description.usualInput, classes: classes ?? description.usualClasses)
  }

  /// The stages that cost something else, and whether anything stands outside of them.
  private static func differences(
    _ graph: Graph, _ stages: [(String, Int, Int)]
  ) -> [String] {
    var findings = stages.compactMap { stage, trainable, moving -> String? in
      let cost = graph.cost(of: stage)
      let isRight =
        cost.trainableParameters == trainable && cost.nonTrainableParameters == moving
      return isRight
        ? nil
        : "\(stage): \(cost.trainableParameters)/\(cost.nonTrainableParameters), published "
          + "\(trainable)/\(moving)"
    }
    let sum = stages.reduce(0) { $0 + $1.1 }
    if sum != graph.cost.trainableParameters { findings.append("the stages add up to \(sum)") }
    return findings
  }
}
