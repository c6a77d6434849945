// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import RandomStreams
import Synchronization
import TestSupport
import Testing
import Weights

/// Damage that a reader need not notice, in numbers without a checksum and in bytes that mean
/// nothing: whatever stands anywhere in a file of Keras, it is refused, or nothing changes but the
/// numbers that were touched.
@Suite("silent damage")
struct SilentDamageTests {
  /// One file with several neighbouring bits or bytes changed.
  private struct Variant: Sendable {
    var name: String
    var bytes: [UInt8]
    /// How many of the arrays' numbers were touched.
    var touchedNumbers: Int
  }

  /// The network that the files are for.
  private static func graph() throws -> Graph {
    var graph = GraphBuilder("tiny", input: Shape(height: 16, width: 16, channels: 3))
    let conv = graph.conv2D(graph.input, "conv", filters: 4, kernel: 3, padding: .valid)
    let normalized = graph.batchNorm(conv, "bn")
    let spatial = graph.depthwiseConv2D(normalized, "depthwise", kernel: 3, padding: .valid)
    let mixed = graph.conv2D(spatial, "pointwise", filters: 6, kernel: 1)
    let pooled = graph.globalAveragePool(mixed, "pool")
    let logits = graph.dense(pooled, "dense", units: 5)
    return try graph.finish(logits)
  }

  private static func load(_ path: String, _ graph: Graph) throws -> [Float] {
    let tool = Tool.folder.appending(path: "continuum").path
    let file = try WeightFile(path, reading: .elsewhere(command: [tool, "weight-reader", "--"]))
    let memory = try ParameterMemory(graph)
    _ = try file.load(into: memory, of: graph)
    return graph.parameters.indices.flatMap { memory.value($0).array }
  }

  /// One flipped bit, or sixteen bytes of noise as a bad sector would leave.
  private static func variants(of name: String) throws -> [Variant] {
    let bytes = try DamagedWeights.fixture(name)
    let fields = try HDF5Fields(name)
    var isNumber = Array(repeating: false, count: bytes.count)
    for place in fields.numbers { for position in place { isNumber[position] = true } }
    var stream = RandomStream(seed: 3, name)
    return (0..<120).map { index in
      // Every other one where something stands, of which there is less than of zeros.
      var start = stream.integer(below: bytes.count - 16)
      while index % 2 == 0, bytes[start] == 0 { start = stream.integer(below: bytes.count - 16) }
      var changed = bytes
      if index % 6 == 0 {
        for position in start..<start + 16 { changed[position] = UInt8(stream.integer(below: 256)) }
        // Sixteen bytes lie in five floats at most.
        let touched = isNumber[start..<start + 16].contains(true) ? 5 : 0
        return Variant(name: "\(name) from \(start)", bytes: changed, touchedNumbers: touched)
      }
      changed[start] ^= 1 << UInt8(stream.integer(below: 8))
      return Variant(
        name: "\(name) byte \(start)", bytes: changed, touchedNumbers: isNumber[start] ? 1 : 0)
    }
  }

  @Test("a damaged file is refused, or changes nothing but what was touched")
  func isRefusedOrHarmless() throws {
    let folder = try ScratchFolder()
    let graph = try Self.graph()
    let known = try Self.load(
      WeightFiles.fixtures.appending(path: DamagedWeights.keras[0]).path, graph)
    let all = try DamagedWeights.keras.flatMap { try Self.variants(of: $0) }
    let variants = DamageSample.asked.of(all, "silent")
    let faults = Mutex<[String]>([])
    let harmless = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: variants.count) { index in
      let variant = variants[index]
      let path = folder.url.appending(path: "variant\(index).h5").path
      do {
        try Data(variant.bytes).write(to: URL(fileURLWithPath: path))
        let loaded = try Self.load(path, graph)
        let changed = zip(loaded, known).count { $0.bitPattern != $1.bitPattern }
        harmless.withLock { $0 += 1 }
        guard loaded.count != known.count || changed > variant.touchedNumbers else { return }
        faults.withLock { $0.append("\(variant.name): \(changed) numbers changed") }
      } catch let error as WeightError where error.file == path && !error.rule.isEmpty {
        // Refused, as most are.
      } catch {
        faults.withLock { $0.append("\(variant.name): \(error)") }
      }
    }
    #expect(faults.withLock { $0 } == [])
    // From 100 to 400 where all 480 are tried.
    let count = variants.count
    #expect((5 * count..<20 * count).contains(24 * harmless.withLock { $0 }), "of \(count)")
  }

  @Test("a damaged HDF5 file of images never crashes the tool")
  func imagesAreReadElsewhere() throws {
    let folder = try ScratchFolder()
    try folder.addProbe()
    // Without its seal, as another program would write it; what gives it structure stands in its first tenth.
    let sound = try folder.writeImages().dropLast(24)
    var stream = RandomStream(seed: 4, "images")
    let all = (0..<40).map { _ in
      var damaged = Array(sound)
      damaged[stream.integer(below: sound.count / 10)] ^= 1 << UInt8(stream.integer(below: 8))
      return damaged
    }
    for (index, damaged) in DamageSample.asked.of(all, "silent images").enumerated() {
      let name = "images\(index).h5"
      try Data(damaged).write(to: folder.url.appending(path: name))
      let outcome = try Tool.run(
        ["predict", "probe", "--weights", "probe.h5", "--input", name, "--quiet"], in: folder.url)
      let isRefused = outcome.exitCode == 2 && outcome.messageLines.count == 1
      #expect(!outcome.wasKilled && (outcome.exitCode == 0 || isRefused), "\(outcome)")
    }
  }
}
