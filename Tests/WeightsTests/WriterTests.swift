// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Records
import Settings
import Testing

@testable import Weights

@Suite struct WriterTests {
  /// A small network with every kind of layer, and something to write.
  private func network() throws -> (NetworkDescription, Graph, ParameterMemory) {
    let json: JSON = [
      "network": "xception", "small": true, "widthMultiplier": 0.02, "fullyConnected": [6],
    ]
    let network = try NetworkDescription(json, source: "test")
    let graph = try network.graph(
      input: Shape(height: 32, width: 40, channels: 3), classes: 7)
    return (network, graph, try Fixtures.filled(graph))
  }

  @Test(arguments: WeightWriter.Format.allCases)
  func whatIsWrittenIsReadBack(format: WeightWriter.Format) throws {
    let (network, graph, known) = try network()
    let folder = try ScratchFolder()
    let path = folder.file("net.h5")
    try WeightWriter.write(known, of: graph, network: network, as: format, to: path)
    let memory = try Fixtures.filled(graph, seed: 2)
    let file = try WeightFile(path)
    let loaded = try file.load(into: memory, of: graph)
    #expect(loaded.count == graph.parameters.count)
    #expect(memory.numbers == known.numbers)
    #expect(file.outline.format.rawValue == format.rawValue)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["net.h5"])
  }

  @Test func ownFilesExplainThemselves() throws {
    let (network, graph, known) = try network()
    let folder = try ScratchFolder()
    let path = folder.file("net.h5")
    try WeightWriter.write(known, of: graph, network: network, as: .continuum, to: path)
    let file = try WeightFile(path)
    #expect(file.outline.network == network.settings.canonicalText)
    #expect(file.outline.input == [32, 40, 3] && file.outline.classes == 7)
    let (described, input, classes) = try file.described()
    #expect(described.settings == network.settings)
    #expect(input == graph.inputShape && classes == 7)
    #expect(try file.graph().parameters == graph.parameters)
    let root = try HDF5File(reading: path).root
    #expect(try root.attributes.text("schema") == "continuum-weights/1")
    let kernel = try root.dataset("weights/block2/separable1/depthwise/kernel")
    #expect(try kernel.shape() == [3, 3, 1, 1])
    let index: Int = try kernel.attributes.number("index")
    #expect(graph.parameters[index].path == "block2/separable1/depthwise/kernel")
  }

  @Test func legacyFilesAreLaidOutAsKeras2Does() throws {
    let (network, graph, known) = try network()
    let folder = try ScratchFolder()
    let path = folder.file("net.h5")
    try WeightWriter.write(known, of: graph, network: network, as: .kerasLegacy, to: path)
    let root = try HDF5File(reading: path).root
    #expect(try root.attributes.text("backend") == "tensorflow")
    #expect(try root.attributes.text("keras_version").hasPrefix("2."))
    let names = try root.attributes.nameList("layer_names")
    #expect(
      names.prefix(8) == [
        "block1_conv1", "block1_conv1_bn", "block1_conv2", "block1_conv2_bn", "block2_sepconv1",
        "block2_sepconv1_bn", "block2_sepconv2", "block2_sepconv2_bn",
      ])
    #expect(names.suffix(2) == ["fc1", "predictions"])
    let layer = try root.group("block2_sepconv1")
    #expect(
      try layer.attributes.nameList("weight_names") == [
        "block2_sepconv1/depthwise_kernel:0", "block2_sepconv1/pointwise_kernel:0",
      ])
    let values = try layer.dataset("block2_sepconv1/depthwise_kernel:0").floats()
    #expect(values == known["block2/separable1/depthwise/kernel"])
  }

  @Test func keyedFilesNameTheirLayers() throws {
    let (network, graph, known) = try network()
    let folder = try ScratchFolder()
    let path = folder.file("net.weights.h5")
    try WeightWriter.write(known, of: graph, network: network, as: .kerasV3, to: path)
    let root = try HDF5File(reading: path).root
    let layer = try root.group("layers/separable_conv2d/vars")
    #expect(try layer.attributes.text("name") == "block2_sepconv1")
    #expect(try root.group("layers/conv2d_2/vars").attributes.text("name") == "conv2d")
    #expect(try root.group("layers/dense/vars").attributes.text("name") == "fc1")
    #expect(try layer.children().count == 2)
  }

  @Test func runFilesThatKeptTheirWeightsLoad() throws {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let known = try Fixtures.filled(graph)
    var record = RunRecord(
      id: "1", experiment: "e",
      configuration: JSON.object(["network": network.settings]).canonicalText, labels: [], seed: 0,
      status: .finished,
      cost: RunRecord.Cost(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
      provenance: RunRecord.Provenance(
        commit: "", version: "", processor: "", blasKernels: "", threads: 1, started: "",
        seconds: 0))
    let folder = try ScratchFolder()
    try record.write(to: folder.file("bare.h5"))
    let bare = #expect(throws: WeightError.self) { try WeightFile(folder.file("bare.h5")) }
    #expect(bare?.rule.contains("keeps no weights") == true)
    record.weights = graph.parameters.indices.map { position in
      NamedTensor(
        path: graph.parameters[position].path, shape: graph.parameters[position].shape,
        values: known.numbers[position])
    }
    try record.write(to: folder.file("run.h5"))
    let file = try WeightFile(folder.file("run.h5"))
    #expect(file.outline.format == .run)
    #expect(file.outline.network == network.settings.canonicalText)
    let memory = try ParameterMemory(graph)
    _ = try file.load(into: memory, of: graph)
    #expect(memory.numbers == known.numbers)
    #expect(throws: WeightError.self) { try file.graph() }
    record.weights.swapAt(0, 1)
    try record.write(to: folder.file("swapped.h5"))
    let error = #expect(throws: WeightError.self) {
      try WeightFile(folder.file("swapped.h5")).load(into: memory, of: graph)
    }
    #expect(error?.rule.contains("differ from number 1 on") == true)
  }

  @Test func whatKerasCannotSayIsNotWritten() throws {
    let json: JSON = [
      "network": "probe", "width": 8,
      "block": ["kind": "segmented-inception", "segments": 3, "unequal": true],
    ]
    let network = try NetworkDescription(json, source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let memory = try Fixtures.filled(graph)
    let folder = try ScratchFolder()
    for format in [WeightWriter.Format.kerasLegacy, .kerasV3, .kerasArchive] {
      let error = #expect(throws: WeightError.self) {
        try WeightWriter.write(
          memory, of: graph, network: network, as: format, to: folder.file("net.h5"))
      }
      #expect(error?.rule.hasPrefix("Keras has no layer for a convolution over segments") == true)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    try WeightWriter.write(
      memory, of: graph, network: network, as: .continuum, to: folder.file("net.h5"))
    let error = #expect(throws: WeightError.self) {
      try WeightWriter.write(
        memory, of: graph, network: network, as: .continuum, to: folder.file("absent/net.h5"))
    }
    #expect(error?.file == folder.file("absent/net.h5"))
  }
}

@Suite struct TrainedImagesTests {
  private let trained = TrainedImages(
    data: #"{"kind":"cifar-10"}"#, preprocessing: #"{"size":8}"#, flips: true)

  /// What a run file knows goes with its weights into a file of ours.
  @Test func ownFilesKeepWhatTheyWereTrainedOn() throws {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    let folder = try ScratchFolder()
    for trained in [trained, TrainedImages()] {
      try WeightWriter.write(
        try Fixtures.filled(graph), of: graph, network: network, trained: trained, as: .continuum,
        to: folder.file("net.h5"))
      #expect(try WeightFile(folder.file("net.h5")).outline.trained == trained)
    }
  }

  @Test func runFilesKnowTheirImages() throws {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 9, channels: 3), classes: 4)
    let configuration: JSON = [
      "network": network.settings, "data": ["kind": "cifar-10"], "training": ["testTimeFlip": true],
    ]
    var record = RunRecord(
      id: "1", experiment: "e", configuration: configuration.canonicalText, labels: [], seed: 0,
      status: .finished,
      cost: RunRecord.Cost(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
      provenance: RunRecord.Provenance(
        commit: "", version: "", processor: "", blasKernels: "", threads: 1, started: "",
        seconds: 0))
    record.weights = graph.parameters.indices.map { position in
      let parameter = graph.parameters[position]
      return NamedTensor(
        path: parameter.path, shape: parameter.shape,
        values: Array(repeating: 0.5, count: parameter.count))
    }
    let folder = try ScratchFolder()
    try record.write(to: folder.file("old.h5"))
    let old = try WeightFile(folder.file("old.h5")).outline
    #expect(old.input == nil && old.classes == 4 && old.trained.preprocessing == nil)
    #expect(old.trained.data == trained.data && old.trained.flips)
    record.images = RunRecord.Images(
      height: 8, width: 9, channels: 3, preprocessing: trained.preprocessing)
    try record.write(to: folder.file("new.h5"))
    let file = try WeightFile(folder.file("new.h5"))
    #expect(file.outline.input == [8, 9, 3] && file.outline.trained == trained)
    let (description, input, classes) = try file.described()
    #expect(description.settings == network.settings && classes == 4)
    #expect(input == graph.inputShape)
  }
}
