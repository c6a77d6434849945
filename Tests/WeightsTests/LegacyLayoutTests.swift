// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Testing

@testable import Weights

@Suite struct LegacyLayoutTests {
  private func load(
    _ file: LegacyFile, into graph: Graph, as name: String = "weights.h5"
  ) throws -> ParameterMemory {
    let folder = try ScratchFolder()
    try file.write(to: folder.file(name))
    let memory = try ParameterMemory(graph)
    _ = try WeightFile(folder.file(name)).load(into: memory, of: graph)
    return memory
  }

  @Test func layersWithoutWeightsAreLeftOut() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    for position in [0, 2, 6] {
      file.layers.insert(LegacyFile.Layer(name: "empty\(position)", arrays: []), at: position)
    }
    #expect(try load(file, into: graph).numbers == known.numbers)
  }

  @Test func namesDecideNothing() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    for position in file.layers.indices {
      file.layers[position].name = "layer\(9 - position)"
      for array in file.layers[position].arrays.indices {
        file.layers[position].arrays[array].name = "array\(9 - array)"
      }
    }
    #expect(try load(file, into: graph).numbers == known.numbers)
  }

  /// Two layers of one shape in another order load in silence with Keras as with us: nothing tells.
  /// But an array whose name says another role is refused.
  @Test func rolesThatContradictTheOrderAreRefused() throws {
    let graph = try Fixtures.tinyGraph()
    var file = try LegacyFile(try Fixtures.filled(graph), of: graph)
    file.layers[1].arrays.swapAt(2, 3)
    let error = #expect(throws: WeightError.self) { try load(file, into: graph) }
    #expect(error?.rule.contains("differ from number 4 on") == true, "\(error?.rule ?? "")")
  }

  @Test func longListsOfNamesAreReadFromTheirParts() throws {
    var builder = GraphBuilder("long", input: Shape(height: 2, width: 2, channels: 1))
    var x = builder.input
    for index in 0..<700 { x = builder.conv2D(x, "c\(index)", filters: 1, kernel: 1) }
    let graph = try builder.finishedWithHead(x, classes: 2)
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    for position in file.layers.indices {
      file.layers[position].name = String(repeating: "long", count: 30) + "_\(position)"
    }
    let folder = try ScratchFolder()
    let path = folder.file("long.h5")
    try file.write(to: path)
    let root = try HDF5File(reading: path).root
    #expect(!root.attributes.contains("layer_names"))
    let parts = try root.attributes.names().filter { $0.hasPrefix("layer_names") }
    #expect(parts == ["layer_names0", "layer_names1"])
    #expect(try root.attributes.nameList("layer_names") == file.layers.map(\.name))
    #expect(try load(file, into: graph).numbers == known.numbers)
  }

  /// By what the file says, never by its own name.
  @Test func theanosKernelsAreTurned() throws {
    var builder = GraphBuilder("turned", input: Shape(height: 6, width: 6, channels: 2))
    let conv = builder.conv2D(
      builder.input, "conv", filters: 3, kernel: Extent(height: 2, width: 3))
    let graph = try builder.finishedWithHead(conv, classes: 2)
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    let theanosName = "net_tf_dim_ordering_th_kernels.h5"
    #expect(try load(file, into: graph, as: theanosName).numbers == known.numbers)
    file.attributes = ["backend": "theano"]
    let memory = try load(file, into: graph, as: "net_tf_kernels.h5")
    let (kernel, turned) = (known.numbers[0], memory.numbers[0])
    for row in 0..<2 {
      for column in 0..<3 {
        for rest in 0..<6 {
          #expect(
            turned[(row * 3 + column) * 6 + rest]
              == kernel[((1 - row) * 3 + (2 - column)) * 6 + rest])
        }
      }
    }
    #expect(memory.numbers[1...] == known.numbers[1...])
    file.attributes = ["backend": "tensorflow"]
    #expect(try load(file, into: graph, as: theanosName).numbers == known.numbers)
  }

  @Test func theanosSeparableKernelsAreRefused() throws {
    let graph = try Fixtures.tinyGraph()
    var file = try LegacyFile(try Fixtures.filled(graph), of: graph)
    file.attributes = ["backend": "theano"]
    let error = #expect(throws: WeightError.self) { try load(file, into: graph) }
    #expect(error?.rule.contains("Theano") == true)
  }

  private func lists(
    _ layers: [String], _ weights: [String], group name: String = "conv"
  ) throws -> WeightOutline {
    let folder = try ScratchFolder()
    let path = folder.file("lists.h5")
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers, to: "layer_names")
      let group = try root.makeGroup(name)
      try group.attributes.write(nameList: weights, to: "weight_names")
      try group.write([Float(1)], shape: [1], to: "kernel")
    }
    return try WeightFile(path).outline
  }

  @Test func layersThatNoListNamesAreRefused() throws {
    for name in ["top_level_model_weights", "conv"] {
      let error = #expect(throws: WeightError.self) { try lists([], ["kernel"], group: name) }
      #expect(error?.rule == "holds weights that belong to no layer")
    }
    let missing = #expect(throws: WeightError.self) { try lists(["conv"], ["kernel", "bias"]) }
    #expect(missing?.description.hasSuffix("/conv/bias: is missing") == true)
  }

  @Test func whatPeopleAddedIsLeftAside() throws {
    #expect(try lists(["conv"], []).aside == ["conv/kernel"])
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    file.extra = ["history/loss", "notes"]
    file.attributes["author"] = "someone"
    #expect(try load(file, into: graph).numbers == known.numbers)
  }

  @Test func namesWithSlashesAreNames() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    for position in file.layers.indices {
      file.layers[position].name = "block/\(position)/layer"
    }
    #expect(try load(file, into: graph).numbers == known.numbers)
  }

  /// A model inside a model stands as one layer: what learned, then what did not.
  @Test func modelsInsideAreOpened() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    let head = file.layers.removeLast()
    let arrays = file.layers.flatMap(\.arrays)
    let isStatistic = { (name: String) in name.contains("moving_") }
    var inner = arrays.filter { !isStatistic($0.name) } + arrays.filter { isStatistic($0.name) }
    file.layers = [LegacyFile.Layer(name: "base", arrays: inner), head]
    #expect(try load(file, into: graph).numbers == known.numbers)
    inner.swapAt(0, inner.count - 1)
    file.layers[0].arrays = inner
    let error = #expect(throws: WeightError.self) { try load(file, into: graph) }
    #expect(error?.rule.hasPrefix("a model inside a model: base; it does not fit") == true)
    #expect(error?.table.isEmpty == false)
  }

  @Test func keras0IsRead() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    let folder = try ScratchFolder()
    let layers = try KerasLayers(graph).layers
    try HDF5File.write(to: folder.file("0.h5")) { (root) throws(RecordError) in
      try root.attributes.write(layers.count, to: "nb_layers")
      for (number, layer) in layers.enumerated() {
        let group = try root.makeGroup("layer_\(number)")
        try group.attributes.write(layer.weights.count, to: "nb_params")
        for (index, weight) in layer.weights.enumerated() {
          try group.write(
            known.numbers[weight.parameter], shape: weight.shape, to: "param_\(index)")
        }
      }
    }
    let memory = try ParameterMemory(graph)
    let loaded = try WeightFile(folder.file("0.h5")).load(into: memory, of: graph)
    #expect(loaded.format == .kerasNumbered && memory.numbers == known.numbers)
  }
}
