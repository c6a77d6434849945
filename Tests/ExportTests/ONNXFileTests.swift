// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Settings
import Testing

@testable import Export

/// What the file holds, read by the rules of protobuf's wire format alone; `.ci/run` has the library.
@Suite(.enabled(if: ONNXFile.mustWork, "libonnx-dev is missing: make deps"))
struct ONNXFileTests {
  /// One message: its fields by number, each as often as it stands there.
  private struct Message {
    var numbers: [Int: [Int]] = [:]
    var bytes: [Int: [ArraySlice<UInt8>]] = [:]

    init(_ data: ArraySlice<UInt8>) {
      var rest = data
      func number() -> Int {
        var (value, shift) = (0, 0)
        while let byte = rest.popFirst() {
          value |= Int(byte & 0x7F) << shift
          guard byte >= 0x80 else { break }
          shift += 7
        }
        return value
      }
      while !rest.isEmpty {
        let tag = number()
        switch tag & 7 {
        case 0: numbers[tag >> 3, default: []].append(number())
        case 2:
          let count = number()
          bytes[tag >> 3, default: []].append(rest.prefix(count))
          rest = rest.dropFirst(count)
        case 5: rest = rest.dropFirst(4)
        default: rest = []
        }
      }
    }

    func messages(_ field: Int) -> [Message] { (bytes[field] ?? []).map(Message.init) }
    func texts(_ field: Int) -> [String] {
      (bytes[field] ?? []).map { String(decoding: $0, as: UTF8.self) }
    }
  }

  @Test func theFileHoldsTheGraph() throws {
    let network = try Samples.network()
    let graph = try ONNXGraph(network.graph)
    let file = ScratchFile()
    try ONNXFile.write(network, to: file.path)
    let model = Message(try file.bytes[...])
    // ModelProto: ir_version 1, producer_name 2, graph 7, opset_import 8, metadata_props 14.
    #expect(model.numbers[1] == [8] && model.texts(2) == ["continuum"])
    #expect(model.messages(8).map { $0.numbers[2] } == [[17]])
    let facts = model.messages(14).map { ($0.texts(1)[0], $0.texts(2)[0]) }
    #expect(facts.map(\.0) == ["network", "input", "classes", "classNames", "preprocessing"])
    #expect(facts[3].1 == #"["rosé","\"lily\""]"#)
    // GraphProto: node 1, name 2, initializer 5, input 11, output 12.
    let written = try #require(model.messages(7).first)
    #expect(written.messages(1).map { $0.texts(4) } == graph.nodes.map { [$0.op] })
    #expect(written.messages(1).map { $0.texts(1) } == graph.nodes.map(\.inputs))
    #expect(written.messages(11).map { $0.texts(1) } == [["images"]])
    #expect(written.messages(12).map { $0.texts(1) } == [["logits"], ["probabilities"]])
    // TensorProto: dims 1, name 8, raw_data 9.
    let tensors = written.messages(5)
    #expect(tensors.map { $0.texts(8) } == graph.tensors.map { [$0.name] })
    let kernel = try #require(tensors.first { $0.texts(8) == ["block/spatial/kernel"] })
    let (position, kernels) = try #require(
      graph.tensors.compactMap { tensor -> (Int, [ONNXKernel])? in
        guard tensor.name == "block/spatial/kernel",
          case .kernels(let position, let kernels) = tensor.values
        else { return nil }
        return (position, kernels)
      }.first)
    let known = network.memory.value(position).array
    let floats = kernels.flatMap { $0.turned(known) }
    let raw = try #require(kernel.bytes[9]?.first)
    #expect(
      Array(raw)
        == floats.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * UInt32($0))) }
        })
  }

  @Test func whatIsTooLargeForProtobufIsRefused() throws {
    let description = try NetworkDescription(
      [
        "network": "vgg16", "small": true, "widthMultiplier": 0.02,
        "fullyConnected": [23_000, 23_000],
      ], source: "test")
    let graph = try description.graph(input: description.usualInput, classes: 2)
    // As many numbers in the graph, but only a small memory: it is refused before any is read.
    let small = try Samples.network()
    let network = ExportedNetwork(graph, small.memory, network: description)
    let file = ScratchFile()
    let error = #expect(throws: ExportError.self) { try ONNXFile.write(network, to: file.path) }
    #expect(error?.rule.contains("2 GB at most") == true)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }
}

extension ONNXFile {
  /// Whether this build has ONNX, or nothing may be skipped for want of it.
  fileprivate static var mustWork: Bool {
    isAvailable || ProcessInfo.processInfo.environment["CONTINUUM_SKIPS_NOTHING"] == "1"
  }
}
