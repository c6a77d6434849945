// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Testing

@testable import Weights

/// Files that say how their model is built: what can be followed is, anything else is refused.
@Suite struct WholeModelTests {
  private let graph: Graph
  private let known: ParameterMemory
  private let folder: ScratchFolder

  init() throws {
    graph = try ModelConfiguration.graph()
    known = try Fixtures.filled(graph)
    folder = try ScratchFolder()
  }

  private func open(_ text: String) throws -> WeightFile {
    try WeightFile(try ModelConfiguration.file(text, known, in: folder))
  }

  private func refusal(_ configuration: ModelConfiguration) throws -> String {
    let file = try open(configuration.plain)
    let error = #expect(throws: WeightError.self) { try file.statements(for: graph) }
    return error?.description ?? ""
  }

  @Test func plainAndNestedModelsLoad() throws {
    let configuration = ModelConfiguration()
    for text in [configuration.plain, configuration.nested] {
      let memory = try ParameterMemory(graph)
      _ = try open(text).load(into: memory, of: graph)
      #expect(memory.numbers == known.numbers)
    }
  }

  @Test func whatCanBeFollowedIsStated() throws {
    let front =
      #"{"class_name": "Rescaling", "config": {"name": "r", "scale": 0.5, "offset": -1}},"#
    let configuration = ModelConfiguration(
      normalization: #""epsilon": 0.01,"#, dense: #""activation": "sigmoid""#, front: front)
    for text in [configuration.plain, configuration.nested] {
      let file = try open(text)
      let statements = try #require(try file.statements(for: graph))
      #expect(Array(statements.epsilons.values) == [0.01])
      #expect(statements.front.scale == [0.5] && statements.front.offset == [-1])
      #expect(statements.head == .sigmoid && statements.input == [6, 6, 3])
      let error = #expect(throws: WeightError.self) {
        try file.load(into: try ParameterMemory(graph), of: graph)
      }
      #expect(error?.rule.contains("epsilon 0.01 in the file and 0.001 in the network") == true)
    }
  }

  @Test func frontsThatFollowEachOtherAreOne() throws {
    let front = """
      {"class_name": "Rescaling", "config": {"name": "r", "scale": 0.5, "offset": -1}},
      {"class_name": "RandomFlip", "config": {"name": "flip", "mode": "horizontal"}},
      {"class_name": "Normalization", "config": {"name": "n", "axis": [-1], "mean": [[1, 2, 3]],
        "variance": [[4, 16, 64]]}},
      """
    let file = try open(ModelConfiguration(front: front).plain)
    let statements = try #require(try file.statements(for: graph))
    #expect(statements.front.scale == [0.25, 0.125, 0.0625])
    #expect(statements.front.offset == [-1, -0.75, -0.5])
    let four = #"{"class_name": "Rescaling", "config": {"name": "r", "scale": [1, 2, 3, 4]}},"#
    #expect(try refusal(ModelConfiguration(front: four)).contains("r: rescales 4 channels"))
    let (mean, deviation) = statements.front.standardization(unit: 1, channels: 3)
    #expect(mean == [4, 6, 8] && deviation == [4, 8, 16])
  }

  /// By layer, field and value.
  @Test(arguments: [
    (#""padding": "valid","#, "", "conv: padding is valid; the network's conv has same"),
    (#""dilation_rate": [2, 2],"#, "", "conv: dilation_rate is 2×2; the network's conv has 1×1"),
    (#""strides": [1, 2],"#, "", "conv: strides is 1×2; the network's conv has 1×1"),
    (#""use_bias": true,"#, "", "conv: use_bias is true; the network's conv has false"),
    (#""activation": "tanh","#, "", "conv: is the activation tanh, where the network has the"),
    (#""data_format": "channels_first","#, "", "conv: is a Conv2D whose data_format is"),
    (#""new_field": 3,"#, "", "conv: is a Conv2D whose new_field is 3"),
    ("", #""axis": 1,"#, "bn: is a BatchNormalization whose axis is 1"),
    ("", #""scale": false,"#, "bn: scale is false; the network's bn has true"),
    ("", #""renorm": true,"#, "bn: is a BatchNormalization whose renorm is true"),
    ("", #""epsilon": 0,"#, "bn: is a BatchNormalization whose epsilon is 0"),
  ])
  func whatCannotBeFollowedIsRefused(
    convolution: String, normalization: String, message: String
  ) throws {
    let said = try refusal(
      ModelConfiguration(convolution: convolution, normalization: normalization))
    #expect(said.contains(message) && said.contains("nothing is loaded"), "\(said)")
  }

  @Test(arguments: [
    ("Lambda", "in: is a Lambda, which no network here has"),
    ("Resizing", "in: is a Resizing, which no network here has"),
    ("ZeroPadding2D", "conv: padding is same behind zero padding"),
  ])
  func layersInFrontAreRefused(className: String, message: String) throws {
    let front = #"{"class_name": "\#(className)", "config": {"name": "in"}},"#
    let said = try refusal(ModelConfiguration(front: front))
    #expect(said.contains(message), "\(said)")
  }

  @Test func answersOfAnotherKindAreRefused() throws {
    let said = try refusal(ModelConfiguration(dense: #""activation": "tanh""#))
    #expect(said.contains("is the activation tanh, where the network has the dense"), "\(said)")
    let between = #"{"class_name": "LeakyReLU", "config": {"name": "leaky"}},"#
    #expect(try refusal(ModelConfiguration(between: between)).contains("leaky: is a LeakyReLU"))
  }

  @Test func layersThatDoNothingArePassedOver() throws {
    let between = #"{"class_name": "Dropout", "config": {"name": "d", "rate": 0.5}},"#
    let file = try open(ModelConfiguration(between: between).plain)
    #expect(try file.statements(for: graph)?.head == .softmax)
  }

  /// What a misled child may say of a model.
  @Test func unsoundModelsAreNotGoneThrough() {
    var model = KerasModelReader.model(ModelConfiguration().plain)
    #expect(model.isSound && model.fault == nil)
    let sound = model
    model.nodes[2].inputs = [2]
    #expect(!model.isSound)
    model = sound
    model.output = 99
    #expect(!model.isSound)
    model = sound
    model.nodes[1].op = .rescaling(scale: [], offset: [1])
    #expect(!model.isSound)
  }

  @Test func damagedConfigurationsAreRefusedAndInspected() throws {
    for text in ["{", "[]", #"{"class_name": "Mine", "config": {}}"#] {
      let file = try open(text)
      #expect(file.outline.arrays.count == 7)
      #expect(throws: WeightError.self) { try file.load(into: known, of: graph) }
    }
  }

  /// Our base fits, and the model's own head does not matter to a network of other classes.
  @Test func theBaseFitsANetworkOfOtherClasses() throws {
    var builder = GraphBuilder("other", input: Shape(height: 9, width: 9, channels: 3))
    let mapped = builder.conv2D(builder.input, "conv", filters: 4, kernel: 3)
    let active = builder.relu(builder.batchNorm(mapped, "bn"), "relu")
    let other = try builder.finishedWithHead(active, classes: 5)
    let memory = try Fixtures.filled(other, seed: 9)
    let file = try open(ModelConfiguration().nested)
    let loaded = try file.load(
      into: memory, of: other, classifier: .mayDiffer(classNames: []))
    #expect(loaded.fresh == ["dense/kernel", "dense/bias"])
    #expect(memory.numbers[..<5] == known.numbers[..<5])
  }
}
