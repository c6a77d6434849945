// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import RandomStreams
import Records
import Testing
import Weights

/// `predict`, `evaluate` and `convert` with a whole model of Keras: what it states is followed.
@Suite("whole models on the command line")
struct WholeModelCommandTests {
  private static let network = #"{"network": "probe", "width": 4}"#
  private let folder: ScratchFolder

  /// A probe as Keras would save it, rescaling its images first and with a sigmoid behind.
  private static let configuration = """
    {"class_name": "Sequential", "config": {"name": "m", "layers": [
    {"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [null, 6, 6, 3]}},
    {"class_name": "Rescaling", "config": {"name": "half", "scale": 0.5, "offset": 0.25}},
    {"class_name": "Conv2D", "config": {"name": "conv2d", "filters": 4, "kernel_size": [1, 1],
      "use_bias": false}},
    {"class_name": "SeparableConv2D", "config": {"name": "separable_conv2d", "filters": 4,
      "kernel_size": [3, 3], "padding": "same", "use_bias": false}},
    {"class_name": "BatchNormalization", "config": {"name": "batch_normalization", "axis": [3],
      "epsilon": 0.01}},
    {"class_name": "ReLU", "config": {"name": "re_lu"}},
    {"class_name": "GlobalAveragePooling2D", "config": {"name": "pool"}},
    {"class_name": "Dense", "config": {"name": "dense", "units": 3, "activation": "sigmoid"}}]}}
    """

  init() throws {
    folder = try ScratchFolder()
    let network = try NetworkDescription(
      ["network": "probe", "width": 4, "batchNormEpsilon": 0.01], source: "test")
    let graph = try network.graph(
      input: Shape(height: 6, width: 6, channels: 3), classes: 3)
    let memory = try ParameterMemory(graph)
    var stream = RandomStream(seed: 1, "weights")
    for position in graph.parameters.indices {
      let buffer = memory.value(position)
      for index in 0..<buffer.count { buffer[index] = stream.uniform() + 0.1 }
    }
    try WeightWriter.write(
      memory, of: graph, network: network, as: .continuum, to: path("plain.h5"))
    let layers = try KerasLayers(graph).layers
    try HDF5File.write(to: path("model.h5")) { (root) throws(RecordError) in
      try root.attributes.write(Self.configuration, to: "model_config")
      let weights = try root.makeGroup("model_weights")
      try weights.attributes.write(nameList: layers.map(\.name), to: "layer_names")
      for layer in layers {
        let group = try weights.makeGroup(layer.name)
        let names = layer.weights.map(\.role.rawValue)
        try group.attributes.write(nameList: names, to: "weight_names")
        for (weight, name) in zip(layer.weights, names) {
          try group.write(memory.value(weight.parameter).array, shape: weight.shape, to: name)
        }
      }
    }
    let images = (0..<2 * 108).map { Float($0 % 17) / 8 - 1 }
    for (name, values) in [("images", images), ("rescaled", images.map { $0 / 2 + 0.25 })] {
      try HDF5File.write(to: path("\(name).h5")) { (root) throws(RecordError) in
        try root.write(values, shape: [2, 6, 6, 3], to: "images")
      }
    }
  }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  private func answers(
    _ network: String, _ weights: String, _ images: String
  ) throws -> (logits: [Float], probabilities: [Float]) {
    let outcome = try Tool.run(
      [
        "predict", network, "--weights", weights, "--input", images, "--output", "said.h5",
        "--overwrite",
      ], in: folder.url)
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    let root = try HDF5File(reading: path("said.h5")).root
    return (try root.dataset("logits").numbers(), try root.dataset("probabilities").numbers())
  }

  @Test("images are rescaled, the epsilon is the file's, and the sigmoid is applied")
  func isFollowed() throws {
    let whole = try answers(Self.network, "model.h5", "images.h5")
    let plain = try answers(
      #"{"network": "probe", "width": 4, "batchNormEpsilon": 0.01}"#, "plain.h5", "rescaled.h5")
    try #require(whole.logits.count == 6)
    for (one, other) in zip(whole.logits, plain.logits) { #expect(abs(one - other) < 1e-5) }
    for (probability, logit) in zip(whole.probabilities, whole.logits) {
      #expect(abs(probability - 1 / (1 + exp(-logit))) < 1e-6)
    }
  }

  @Test(
    "what would be lost or contradicts is refused",
    arguments: [
      (
        [
          "predict", #"{"network": "probe", "width": 4, "batchNormEpsilon": 0.1}"#, "--weights",
          "model.h5", "--input", "images.h5",
        ], "has the epsilon 0.01 in the file and 0.1"
      ),
      (
        [
          "predict", network, "--weights", "model.h5", "--input", "images.h5", "--preprocessing",
          #"{"size": 12}"#,
        ], "size is 12; the model in model.h5 is for 6×6×3"
      ),
      (
        ["evaluate", network, "--weights", "model.h5", "--input", "."],
        "ends in a sigmoid"
      ),
      (
        ["weights", "convert", "model.h5", "out.h5", "--network", network],
        "rescales its images first (scale 0.5, offset 0.25)"
      ),
      (
        [
          "predict", #"{"network": "probe", "width": 4, "block": {"kind": "regular-conv"}}"#,
          "--weights", "model.h5", "--input", "images.h5",
        ], "separable_conv2d"
      ),
    ])
  func isRefused(words: [String], message: String) throws {
    let outcome = try Tool.run(words, in: folder.url)
    #expect(outcome.exitCode == 2)
    #expect(outcome.messages.contains(message), "\(outcome.messages)")
  }
}
