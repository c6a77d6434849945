import Engine
import Foundation
import Synchronization
import Testing
import Weights

/// What becomes of weight files that are damaged or made to hurt.
@Suite("damaged weights")
struct WeightDamageTests {
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

  private static let reading = WeightFile.Reading.elsewhere(
    command: [Tool.folder.appending(path: "continuum").path, "weight-reader", "--"])

  private static func load(_ path: String, _ graph: Graph) throws -> [Float] {
    let memory = try ParameterMemory(graph)
    _ = try WeightFile(path, reading: reading).load(into: memory, of: graph)
    return graph.parameters.indices.flatMap { memory.value($0).array }
  }

  /// Truncated, bit-flipped, overwritten, of wrong shapes, and hostile archives.
  private static func variants(_ folder: ScratchFolder) throws -> [DamagedWeights.Variant] {
    var variants = try WrongWeights.variants(in: folder)
    for name in DamagedWeights.names {
      let path = WeightFiles.fixtures.appending(path: name).path
      var arrays: [[Float]] = []
      try WeightFile(path).read(where: { _ in true }) { arrays.append($1) }
      var damage = try DamagedWeights(name, arrays: arrays)
      variants += damage.truncations() + damage.flips(200) + damage.bursts(20)
    }
    let weights = WeightFiles.fixtures.appending(path: "tiny.keras3.weights.h5")
    return variants + HostileArchives.variants([UInt8](try Data(contentsOf: weights)))
  }

  /// What the tests find wrong, from all their threads.
  private final class Findings: Sendable {
    private let lines = Mutex<[String]>([])
    private let refusals = Mutex(0)

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    func countRefusal() { refusals.withLock { $0 += 1 } }
    var all: [String] { lines.withLock { $0 } }
    var refused: Int { refusals.withLock { $0 } }
  }

  @Test("each is one error and loads nothing, or changes nothing but what was touched")
  func everyVariantIsRefusedOrHarmless() throws {
    let folder = try ScratchFolder()
    let graph = try Self.graph()
    let known = try Self.load(
      WeightFiles.fixtures.appending(path: DamagedWeights.names[0]).path, graph)
    let variants = try Self.variants(folder)
    #expect(variants.count >= 1500)
    let findings = Findings()
    DispatchQueue.concurrentPerform(iterations: variants.count) { index in
      let variant = variants[index]
      let path = folder.url.appending(path: "variant\(index).h5").path
      defer { try? FileManager.default.removeItem(atPath: path) }
      do {
        try Data(variant.bytes).write(to: URL(fileURLWithPath: path))
        let loaded = try Self.load(path, graph)
        let changed = zip(loaded, known).count { $0.bitPattern != $1.bitPattern }
        guard loaded.count != known.count || changed > variant.touchedNumbers else { return }
        findings.add("\(variant.name): \(changed) numbers changed")
      } catch let error as WeightError {
        findings.countRefusal()
        if error.file != path || error.rule.isEmpty { findings.add("\(variant.name): \(error)") }
      } catch {
        findings.add("\(variant.name): \(error)")
      }
    }
    #expect(findings.all == [])
    #expect(findings.refused > variants.count / 2)
    var usage = rusage()
    getrusage(.init(RUSAGE_CHILDREN.rawValue), &usage)
    #expect(usage.ru_maxrss < 1 << 20, "\(usage.ru_maxrss) KiB")
  }

  @Test("the tool ends with 2 and one message, and leaves nothing behind")
  func toolSaysOneThing() throws {
    let folder = try ScratchFolder()
    let temporary = folder.url.appending(path: "temporary")
    try FileManager.default.createDirectory(at: temporary, withIntermediateDirectories: true)
    let variants = try Self.variants(folder).enumerated()
      .filter { $0.offset % 16 == 0 || $0.element.name.hasPrefix("ZIP") }.map(\.element)
    let findings = Findings()
    DispatchQueue.concurrentPerform(iterations: variants.count) { index in
      let path = folder.url.appending(path: "tool\(index).h5").path
      do {
        try Data(variants[index].bytes).write(to: URL(fileURLWithPath: path))
        let outcome = try Tool.shell(
          "TMPDIR=\(temporary.path) continuum weights inspect \(path)")
        let isRefused =
          outcome.exitCode == 2 && outcome.output.isEmpty && outcome.messageLines.count == 1
          && outcome.messages.hasPrefix("continuum weights: \(path): ")
        let mayPass = outcome.exitCode == 0 && !variants[index].name.hasPrefix("ZIP")
        if outcome.wasKilled || !(isRefused || mayPass) {
          findings.add("\(variants[index].name): \(outcome.exitCode) \(outcome.messages)")
        }
      } catch {
        findings.add("\(variants[index].name): \(error)")
      }
    }
    #expect(findings.all == [])
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path).isEmpty)
  }
}
