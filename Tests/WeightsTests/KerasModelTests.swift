// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings
import Testing

@testable import Weights

/// Whole models as Keras 3 reads them; `make parity` lets it.
@Suite struct KerasModelTests {
  /// The layers' entries, by name.
  private func entries(_ graph: Graph) throws -> [(name: String, entry: JSON)] {
    let model = try WrittenKerasModel(graph)
    guard case .array(let layers)? = model.configuration["config.layers"] else { throw Missing() }
    return try layers.map { entry in
      guard case .string(let name)? = entry["name"] else { throw Missing() }
      return (name, entry)
    }
  }

  private struct Missing: Error {}

  /// The names of the layers that an entry reads.
  private func reads(_ entry: JSON) throws -> [String] {
    guard case .array(let nodes)? = entry["inbound_nodes"] else { throw Missing() }
    guard let node = nodes.first, case .array(let arguments)? = node["args"] else { return [] }
    let tensors: [JSON] = if case .array(let several) = arguments[0] { several } else { arguments }
    return try tensors.map { tensor in
      guard case .array(let history)? = tensor["config.keras_history"],
        case .string(let name) = history[0]
      else { throw Missing() }
      return name
    }
  }

  @Test(
    arguments: NetworkZoo.all.map { JSON.string($0.key) }
      + BlockZoo.all.map { ["network": "stack", "width": 8, "block": ["kind": .string($0.key)]] })
  func everyLayerReadsEarlierOnes(description: JSON) throws {
    let network = try NetworkDescription(description, source: "test")
    let graph = try network.graph(input: network.usualInput, classes: 11)
    var known: Set<String> = []
    let entries = try entries(graph)
    for (name, entry) in entries {
      for input in try reads(entry) { #expect(known.contains(input), "\(name) reads \(input)") }
      #expect(known.insert(name).inserted, "\(name) stands twice")
      #expect(!name.contains("/"))
    }
    #expect(entries.first?.entry["class_name"] == "InputLayer")
    #expect(entries.last?.entry["config.activation"] == "softmax")
    let weighted = try KerasLayers(graph).layers
    for layer in weighted { #expect(known.contains(layer.name), "\(layer.name)") }
  }

  @Test func layersSayWhatTheOpsAre() throws {
    var graph = GraphBuilder(
      "net", input: Shape(height: 9, width: 8, channels: 4), batchNormEpsilon: 0.02)
    let halves = graph.segmentedConv2D(
      graph.input, "halves", segments: Array(repeating: .init(input: 2, output: 3), count: 2),
      kernel: Extent(height: 3, width: 1), stride: 2)
    let normalized = graph.batchNorm(halves, "bn", scale: false)
    let active = graph.activation(normalized, "swish", .hardSwish)
    let spatial = graph.depthwiseConv2D(
      active, "depthwise", kernel: 3, multiplier: 2, padding: .valid)
    let mixed = graph.conv2D(spatial, "pointwise", filters: 5, kernel: 1, bias: true)
    let rectified = graph.relu(mixed, "relu")
    let logits = graph.dense(rectified, "dense", units: 3)
    let built = try graph.finish(logits)
    let entries = try entries(built)
    #expect(
      entries.map(\.entry["class_name"]) == [
        "InputLayer", "Conv2D", "BatchNormalization", "Activation", "SeparableConv2D", "Flatten",
        "Dense",
      ])
    let conv = entries[1].entry
    #expect(conv["config.groups"] == 2 && conv["config.filters"] == 6)
    #expect(conv["config.kernel_size"] == [3, 1] && conv["config.strides"] == [2, 2])
    #expect(conv["config.padding"] == "same" && conv["config.use_bias"] == false)
    #expect(entries[2].entry["config.epsilon"] == 0.02)
    #expect(entries[2].entry["config.scale"] == false)
    #expect(entries[3].entry["config.activation"] == "hard_silu")
    let separable = entries[4].entry
    #expect(separable["config.depth_multiplier"] == 2 && separable["config.filters"] == 5)
    #expect(separable["config.activation"] == "relu" && separable["config.use_bias"] == true)
    #expect(separable["config.padding"] == "valid")
    // 9 rows in steps of 2 are 5, then 3 without padding; 8 columns are 4, then 2.
    guard case .array(let nodes)? = entries[5].entry["inbound_nodes"],
      case .array(let arguments)? = nodes[0]["args"]
    else { throw Missing() }
    #expect(arguments[0]["config.shape"] == [nil, 3, 2, 5])
  }

  /// Groups come back as the segments that they were, from every form.
  @Test(arguments: [WeightWriter.Format.kerasLegacy, .kerasV3, .kerasArchive])
  func segmentsSurviveAsGroups(format: WeightWriter.Format) throws {
    let network = try NetworkDescription(
      ["network": "probe", "width": 8, "block": ["kind": "segmented-inception", "segments": 2]],
      source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let known = try Fixtures.filled(graph)
    let folder = try ScratchFolder()
    try WeightWriter.write(known, of: graph, network: network, as: format, to: folder.file("a.h5"))
    try WeightWriter.write(
      known, of: graph, network: network, as: .continuum, to: folder.file("b.h5"))
    let memory = try Fixtures.filled(graph, seed: 2)
    let file = try WeightFile(folder.file("a.h5"))
    _ = try file.load(into: memory, of: graph)
    #expect(memory.numbers == known.numbers)
    let shapes = file.outline.arrays.map(\.shape)
    #expect(shapes.contains([3, 3, 4, 8]), "\(shapes)")
    let comparison = try WeightComparison(
      try WeightFile(folder.file("b.h5")), try WeightFile(folder.file("a.h5")))
    #expect(comparison.arrays.count == graph.parameters.count && comparison.areEqual)
    let back = try WeightComparison(
      try WeightFile(folder.file("a.h5")), try WeightFile(folder.file("b.h5")))
    #expect(back.arrays.count == graph.parameters.count && back.areEqual)
  }

  /// What is written as a whole model is read as one, whatever the block and what stands between.
  @Test func wholeModelsAreReadBack() throws {
    let blocks: [JSON] =
      BlockZoo.all.map { ["kind": .string($0.key)] }
      + ["elu", "gelu", "silu", "hard-swish"].map {
        ["kind": "separable-conv", "between": .string($0)]
      }
    let folder = try ScratchFolder()
    for block in blocks {
      let network = try NetworkDescription(
        ["network": "stack", "width": 16, "unitsPerStage": 1, "block": block], source: "test")
      let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
      let known = try Fixtures.filled(graph)
      let path = folder.file("\(block.canonicalText.hashValue).keras")
      try WeightWriter.write(known, of: graph, network: network, as: .kerasArchive, to: path)
      let file = try WeightFile(path)
      let statements = try #require(try file.statements(for: graph))
      #expect(statements.takes(graph.inputShape) && statements.front.isIdentity)
      let memory = try Fixtures.filled(graph, seed: 2)
      _ = try file.load(into: memory, of: graph, statements: .mustHold)
      #expect(memory.numbers == known.numbers, "\(block.canonicalText)")
    }
  }

  /// [S, kH, kW, in, out] and [kH, kW, in, S·out].
  @Test func groupsAreInterleavedByFilter() {
    let ours = [2, 1, 3, 2, 4]
    let values = (0..<48).map(Float.init)
    let joined = KerasGroups.joined(values, ours)
    for (segment, tap, channel, filter) in [(0, 0, 0, 0), (1, 2, 1, 3), (0, 1, 1, 2), (1, 0, 0, 1)]
    {
      let here = Float(((segment * 3 + tap) * 2 + channel) * 4 + filter)
      #expect(joined[(tap * 2 + channel) * 8 + segment * 4 + filter] == here)
    }
    #expect(KerasGroups.separated(joined, ours) == values)
    #expect(KerasGroups.shape(ours) == [1, 3, 2, 8])
    #expect(KerasGroups.joined(values, [3, 2, 2, 4]) == values)
  }

  @Test func sameNetworkGivesTheSameArchive() throws {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let folder = try ScratchFolder()
    for name in ["a.keras", "b.keras"] {
      try WeightWriter.write(
        try Fixtures.filled(graph), of: graph, network: network, as: .kerasArchive,
        to: folder.file(name))
    }
    let first = try Data(contentsOf: URL(fileURLWithPath: folder.file("a.keras")))
    #expect(first == (try Data(contentsOf: URL(fileURLWithPath: folder.file("b.keras")))))
    #expect(first.prefix(4) == Data([0x50, 0x4B, 3, 4]))
  }

  @Test func poolsThatZerosWouldChangeAreRefused() throws {
    var graph = GraphBuilder("net", input: Shape(height: 9, width: 8, channels: 4))
    let pooled = graph.maxPool(graph.input, "most", window: 3, stride: 2, padding: .symmetric)
    let built = try graph.finishedWithHead(pooled, classes: 3)
    let error = #expect(throws: WeightError.self) { try WrittenKerasModel(built) }
    #expect(error?.object == "most" && error?.rule.hasPrefix("Keras has no max-pool") == true)
  }
}
