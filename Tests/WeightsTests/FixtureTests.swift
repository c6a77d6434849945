// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Testing

@testable import Weights

/// Files of every layout, which hold the same weights.
@Suite struct FixtureTests {
  @Test(arguments: Fixtures.tiny) func everyFormHoldsTheSameWeights(name: String) throws {
    let graph = try Fixtures.tinyGraph()
    let known = try ParameterMemory(graph)
    _ = try WeightFile(Fixtures.path(Fixtures.tiny[0])).load(into: known, of: graph)
    let memory = try Fixtures.filled(graph)
    let loaded = try WeightFile(Fixtures.path(name)).load(into: memory, of: graph)
    #expect(loaded.count == 9 && loaded.fresh.isEmpty)
    #expect(memory.numbers == known.numbers)
    // As h5py shows them; the variance is what one of the files calls running_std.
    #expect(isNear(try #require(memory["bn/scale"]), [-2.2501, 0.3864, -0.5816, 0.1093]))
    #expect(isNear(try #require(memory["bn/running-variance"]), [0.7876, 0.8441, 0.0756, -1.4268]))
  }

  private func isNear(_ values: [Float], _ known: [Float]) -> Bool {
    values.count == known.count && zip(values, known).allSatisfy { abs($0 - $1) < 1e-4 }
  }

  @Test func formsAreTold() throws {
    let formats = try Fixtures.tiny.map { try WeightFile(Fixtures.path($0)).outline.format }
    #expect(formats == [.kerasLegacy, .kerasLegacyModel, .kerasV3, .kerasArchive, .kerasV3])
    let model = try WeightFile(Fixtures.path(Fixtures.tiny[1])).outline
    #expect(model.kerasVersion == "3.15.1" && model.backend == "jax")
    #expect(
      model.layers.map(\.name).prefix(3) == ["input_layer", "block1_conv1", "block1_conv1_bn"])
    #expect(model.layers[0].arrays.isEmpty)
    let first = try WeightFile(Fixtures.path(Fixtures.tiny[0])).outline
    #expect(first.kerasVersion == nil && !first.hasTurnedKernels)
    #expect(first.arrays.map(\.name).contains("batchnormalization_1_running_std:0"))
  }

  @Test func keyedFilesShowTheirLayersByClassAndCounter() throws {
    let outline = try WeightFile(Fixtures.path("tiny.keras3.weights.h5")).outline
    let named = outline.layers.filter { !$0.arrays.isEmpty }
    #expect(
      named.map(\.key) == ["batch_normalization", "conv2d", "dense", "separable_conv2d"])
    #expect(
      named.map(\.name) == ["block1_conv1_bn", "block1_conv1", "predictions", "block2_sepconv1"])
    let minimal = try WeightFile(Fixtures.path("tiny.handwritten-minimal.weights.h5")).outline
    #expect(minimal.layers.map(\.name) == minimal.layers.map { $0.key ?? "" })
  }

  /// HDF5 lists `conv2d_10` before `conv2d_2`.
  @Test func layersAreCountedNotSorted() throws {
    let folder = try ScratchFolder()
    let path = folder.file("many.weights.h5")
    var builder = GraphBuilder("many", input: Shape(height: 4, width: 4, channels: 1))
    var x = builder.input
    for index in 0..<12 { x = builder.conv2D(x, "c\(index)", filters: index + 1, kernel: 1) }
    let graph = try builder.finishedWithHead(x, classes: 2)
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      for (index, parameter) in graph.parameters.enumerated() {
        let key = index == 0 ? "conv2d" : index < 12 ? "conv2d_\(index)" : "dense"
        try root.write(
          [Float](repeating: Float(index), count: parameter.count), shape: parameter.shape,
          to: "layers/\(key)/vars/\(index < 12 ? 0 : index - 12)")
      }
    }
    let memory = try ParameterMemory(graph)
    let file = try WeightFile(path)
    #expect(file.outline.layers.map { $0.key ?? "" }[10...] == ["conv2d_10", "conv2d_11", "dense"])
    _ = try file.load(into: memory, of: graph)
    #expect(memory.numbers.map { $0[0] } == (0..<14).map(Float.init))
  }

  @Test func shapesAreReadableAndNamesPrintable() {
    #expect([3, 3, 64, 128].shapeText == "3×3×64×128")
    #expect([Int]().shapeText == "scalar")
    #expect(printable("conv\u{1B}[31m\n") == "conv\u{FFFD}[31m\u{FFFD}")
    #expect(printable(String(repeating: "x", count: 100)).count == 81)
  }
}
