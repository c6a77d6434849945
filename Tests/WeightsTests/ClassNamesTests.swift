// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Records
import Settings
import Testing

@testable import Weights

/// What the classes are called stands beside the weights, in our own files.
@Suite struct ClassNamesTests {
  private static let names = ["daisy", "rosé", "tulip, red", "🌻"]

  private func network() throws -> (NetworkDescription, Graph, ParameterMemory) {
    let network = try NetworkDescription("probe", source: "test")
    let graph = try network.graph(input: Shape(height: 8, width: 8, channels: 3), classes: 4)
    return (network, graph, try Fixtures.filled(graph))
  }

  @Test(arguments: WeightWriter.Format.allCases)
  func namesComeBackWhereTheFormHasAPlace(format: WeightWriter.Format) throws {
    let (network, graph, memory) = try network()
    let folder = try ScratchFolder()
    try WeightWriter.write(
      memory, of: graph, network: network, classNames: Self.names, as: format,
      to: folder.file("net.h5"))
    let file = try WeightFile(folder.file("net.h5"))
    #expect(file.outline.classNames == (format == .continuum ? Self.names : nil))
    let again = try ParameterMemory(graph)
    #expect(try file.load(into: again, of: graph).count == graph.parameters.count)
    #expect(again.numbers == memory.numbers)
  }

  @Test func filesWithoutNamesHaveNone() throws {
    let (network, graph, memory) = try network()
    let folder = try ScratchFolder()
    try WeightWriter.write(
      memory, of: graph, network: network, as: .continuum, to: folder.file("net.h5"))
    #expect(try WeightFile(folder.file("net.h5")).outline.classNames == nil)
    let root = try HDF5File(reading: folder.file("net.h5")).root
    #expect(!root.contains("classNames"))
  }

  private func run(_ names: [String]) throws -> RunRecord {
    let (network, graph, memory) = try network()
    var record = RunRecord(
      id: "1", experiment: "e",
      configuration: JSON.object(["network": network.settings]).canonicalText, labels: [], seed: 0,
      status: .finished,
      cost: RunRecord.Cost(trainableParameters: 1, nonTrainableParameters: 0, multiplyAdds: 1),
      provenance: RunRecord.Provenance(
        commit: "", version: "", processor: "", blasKernels: "", threads: 1, started: "",
        seconds: 0))
    record.classNames = names
    record.weights = graph.parameters.indices.map { position in
      NamedTensor(
        path: graph.parameters[position].path, shape: graph.parameters[position].shape,
        values: memory.numbers[position])
    }
    return record
  }

  @Test func runFilesNameTheirClasses() throws {
    let folder = try ScratchFolder()
    try run(Self.names).write(to: folder.file("run.h5"))
    #expect(try WeightFile(folder.file("run.h5")).outline.classNames == Self.names)
    try run([]).write(to: folder.file("old.h5"))
    #expect(try WeightFile(folder.file("old.h5")).outline.classNames == nil)
  }

  @Test func namesOfOtherClassesAreRefused() throws {
    let folder = try ScratchFolder()
    try run(Self.names + ["lily"]).write(to: folder.file("run.h5"))
    let error = #expect(throws: WeightError.self) { try WeightFile(folder.file("run.h5")) }
    #expect(error?.object == "/classNames")
    #expect(error?.rule == "names 5 classes; the network has 4")
  }
}
