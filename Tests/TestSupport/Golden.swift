// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation

/// Exact numbers kept as files in Tests/Golden, which `make golden` rewrites after a deliberate
/// change; the diff is then reviewed.
public enum Golden {
  /// One graph, one line an op.
  public struct Entry: Codable, Equatable, Sendable {
    public var trainableParameters: Int
    public var nonTrainableParameters: Int
    public var multiplyAdds: Int
    /// `name | kind | output | parameters | multiply-adds`.
    public var layers: [String]

    public init(_ graph: Graph) {
      let cost = graph.cost
      trainableParameters = cost.trainableParameters
      nonTrainableParameters = cost.nonTrainableParameters
      multiplyAdds = cost.multiplyAdds
      layers = graph.layers.map { layer in
        "\(layer.name) | \(layer.kind) | \(layer.output) | \(layer.cost.totalParameters)"
          + " | \(layer.cost.multiplyAdds)"
      }
    }
  }

  /// Whether the files are to be written instead of read.
  public static var isWriting: Bool {
    ProcessInfo.processInfo.environment["CONTINUUM_WRITE_GOLDEN"] == "1"
  }

  /// What differs between the entries and those of `Tests/Golden/<name>.json`, or, when writing,
  /// writes them.
  public static func differences(
    _ entries: [String: Entry], name: String, testFile: String = #filePath
  ) throws -> [String] {
    let file = URL(fileURLWithPath: testFile).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Golden/\(name).json")
    if isWriting {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      try (encoder.encode(entries) + Data("\n".utf8)).write(to: file)
      return []
    }
    let golden = try JSONDecoder().decode(
      [String: Entry].self, from: Data(contentsOf: file))
    return differences(entries, golden: golden)
  }

  /// What differs between two sets of entries.
  public static func differences(
    _ entries: [String: Entry], golden: [String: Entry]
  ) -> [String] {
    Set(entries.keys).union(golden.keys).sorted().compactMap { key in
      guard let entry = entries[key] else { return "\(key): golden, but no more in the zoo" }
      guard let known = golden[key] else { return "\(key): not golden yet; run make golden" }
      guard entry != known else { return nil }
      let line = zip(entry.layers, known.layers).first { $0 != $1 }
      let first = line.map { "\"\($0)\", golden \"\($1)\"" } ?? "the number of layers"
      return "\(key): \(entry.trainableParameters) trainable parameters and "
        + "\(entry.multiplyAdds) multiply-adds, golden \(known.trainableParameters) and "
        + "\(known.multiplyAdds); first difference: \(first)"
    }
  }
}
