// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Testing

@testable import Weights

@Suite struct WeightFitTests {
  @Test func mismatchShowsBothListsAndLoadsNothing() throws {
    let graph = try Fixtures.tinyGraph(filters: 7)
    let memory = try Fixtures.filled(graph)
    let before = memory.numbers
    let file = try WeightFile(Fixtures.path("tiny.keras3-legacy-whole-model.h5"))
    let error = #expect(throws: WeightError.self) { try file.load(into: memory, of: graph) }
    #expect(memory.numbers == before)
    #expect(
      error?.rule
        == "does not fit tiny for 16×16×3 and 5 classes: its 9 arrays and the network's 9 differ "
        + "from number 7 on (block2_sepconv1: filters is 6; the network's pointwise has 7); nothing "
        + "is loaded")
    let lines = error?.table.split(separator: "\n").map(String.init) ?? []
    try #require(lines.count == 7)
    #expect(lines[0].hasPrefix("   #  in the file") && lines[0].hasSuffix("tiny in Keras' order"))
    func words(_ line: String) -> [String] { line.split(separator: " ").map(String.init) }
    #expect(
      words(lines[4]) == [
        "→", "7", "block2_sepconv1", "block2_sepconv1/pointwise_kernel", "1×1×4×6",
        "separable_conv2d", "pointwise_kernel", "1×1×4×7",
      ])
    #expect(words(lines[1]).first == "4" && words(lines[6]).first == "9")
    let starts = lines.dropFirst().compactMap { line in
      line.range(of: "×").map { line.distance(from: line.startIndex, to: $0.lowerBound) }
    }
    #expect(Set(starts).count == 1, "columns are aligned")
  }

  @Test func missingAndSurplusLayersStandBesideADash() throws {
    let graph = try Fixtures.tinyGraph()
    let folder = try ScratchFolder()
    var file = try LegacyFile(try Fixtures.filled(graph), of: graph)
    let last = file.layers.removeLast()
    try file.write(to: folder.file("short.h5"))
    file.layers += [last, LegacyFile.Layer(name: "extra", arrays: [("extra/x:0", [2], [1, 2])])]
    try file.write(to: folder.file("long.h5"))
    for (name, row) in [("short.h5", "→  8  —"), ("long.h5", "→  10  extra")] {
      let error = #expect(throws: WeightError.self) {
        try WeightFit(try WeightFile(folder.file(name)).outline, to: graph, file: name)
      }
      #expect(error?.table.contains(row) == true, "\(error?.table ?? "")")
    }
  }

  @Test func keyedFilesShowWhatTheyLackAndWhatIsLeft() throws {
    var builder = GraphBuilder("other", input: Shape(height: 16, width: 16, channels: 3))
    let conv = builder.conv2D(builder.input, "conv", filters: 4, kernel: 3)
    let second = builder.conv2D(conv, "conv2", filters: 4, kernel: 3)
    let graph = try builder.finishedWithHead(second, classes: 5)
    let outline = try WeightFile(Fixtures.path("tiny.keras3.weights.h5")).outline
    let error = #expect(throws: WeightError.self) {
      try WeightFit(outline, to: graph, file: "f")
    }
    let lines = error?.table.split(separator: "\n") ?? []
    #expect(lines.contains { $0.hasPrefix("→  2  —") && $0.contains("conv2d_1") })
    #expect(
      error?.rule.contains("its 9 arrays and the network's 4 differ from number 2 on") == true,
      "\(error?.rule ?? "")")
  }

  @Test(arguments: Fixtures.tiny) func classifierMayDiffer(name: String) throws {
    let graph = try Fixtures.tinyGraph(classes: 3)
    let memory = try Fixtures.filled(graph)
    let before = memory.numbers
    let path = Fixtures.path(name)
    #expect(throws: WeightError.self) { try WeightFile(path).load(into: memory, of: graph) }
    #expect(memory.numbers == before)
    let loaded = try WeightFile(path).load(
      into: memory, of: graph, classifier: .mayDiffer(classNames: []))
    #expect(loaded.count == 7)
    #expect(loaded.fresh == ["dense/kernel", "dense/bias"])
    #expect(memory.numbers[7...] == before[7...])
    for position in 0..<7 { #expect(memory.numbers[position] != before[position]) }
    let whole = try Fixtures.tinyGraph()
    let all = try ParameterMemory(whole)
    let everything = try WeightFile(path).load(
      into: all, of: whole, classifier: .mayDiffer(classNames: []))
    #expect(everything.count == 9 && everything.fresh.isEmpty)
    #expect(all.numbers[..<7] == memory.numbers[..<7])
  }

  @Test func filesWithoutClassifierLoadTheBase() throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    var file = try LegacyFile(known, of: graph)
    file.layers.removeLast()
    let folder = try ScratchFolder()
    try file.write(to: folder.file("notop.h5"))
    let memory = try Fixtures.filled(graph, seed: 2)
    let own = memory.numbers
    let loaded = try WeightFile(folder.file("notop.h5"))
      .load(into: memory, of: graph, classifier: .mayDiffer(classNames: []))
    #expect(loaded.fresh == ["dense/kernel", "dense/bias"])
    #expect(memory.numbers == Array(known.numbers[..<7] + own[7...]))
  }

  @Test func onlyTheClassifierMayDiffer() throws {
    let graph = try Fixtures.tinyGraph(classes: 3, filters: 7)
    let memory = try Fixtures.filled(graph)
    let file = try WeightFile(Fixtures.path("tiny.keras1-style.h5"))
    let error = #expect(throws: WeightError.self) {
      try file.load(into: memory, of: graph, classifier: .mayDiffer(classNames: []))
    }
    #expect(error?.rule.contains("differ from number 7 on") == true)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity])
  func whatIsNotFiniteIsRefusedByName(value: Float) throws {
    let graph = try Fixtures.tinyGraph()
    let known = try Fixtures.filled(graph)
    known.value(8)[3] = value
    let folder = try ScratchFolder()
    try LegacyFile(known, of: graph).write(to: folder.file("nan.h5"))
    let memory = try Fixtures.filled(graph, seed: 2)
    let before = memory.numbers
    let error = #expect(throws: WeightError.self) {
      try WeightFile(folder.file("nan.h5")).load(into: memory, of: graph)
    }
    #expect(error?.object == "dense/dense/bias:0")
    #expect(error?.rule == "has \(value) as value 4; all must be finite")
    #expect(memory.numbers == before)
  }
}
