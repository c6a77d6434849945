// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Export
import ModelZoo
import Settings
import Testing
import Training
import Weights

import struct Foundation.URL
import class Foundation.FileManager
import struct Foundation.UUID

/// Datasets, Settings, Training, Weights and Export: a few steps, and what became of the network.
@Suite struct TrainingExample {
  @Test func trainAndKeepTheWeights() throws {
    var fields = try Fields(
      [
        "kind": "coupling", "lambda": 0.5, "size": 8, "channels": 4, "train": 64, "test": 32,
        "calibrationImages": 256,
      ], source: "example")
    let description = try DatasetDescription(&fields)
    let data = try description.load(directory: nil)

    let network = try NetworkDescription("probe", source: "example")
    let size = description.imageSize
    let graph = try network.graph(
      input: Shape(height: size.height, width: size.width, channels: size.channels),
      classes: description.classCount)
    let settings = try TrainingSettings(
      try Fields(["epochs": 1, "batch": 16], source: "example"))
    let trainer = try Trainer(
      graph, data: data, standardization: nil, augmentation: nil, settings: settings, seed: 1,
      threads: 2)
    while !trainer.isFinished { try trainer.trainStep() }
    #expect(try trainer.evaluateOnTest().top1 >= 0)

    let weights = try ParameterMemory(graph)
    for (parameter, values) in trainer.evaluatedWeights() {
      try weights.set(parameter.path, to: values)
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "example-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }

    let keras = folder.appending(path: "probe.weights.h5").path
    try WeightWriter.write(weights, of: graph, network: network, as: .kerasV3, to: keras)
    let loaded = try WeightFile(keras).load(into: try ParameterMemory(graph), of: graph)
    #expect(loaded.count == graph.parameters.count)

    let others = folder.appending(path: "probe.safetensors").path
    try Safetensors.write(ExportedNetwork(graph, weights, network: network), to: others)
    #expect(FileManager.default.fileExists(atPath: others))
  }
}
