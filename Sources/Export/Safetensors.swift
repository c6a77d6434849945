// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Records
import Settings

/// safetensors: the length of a header as 8 bytes, little-endian, the header as JSON, then the floats of
/// one array after the other.
///
/// Arrays have the paths and shapes that they have here: kernels `[kH, kW, in, out]`, of depthwise
/// convolutions `[kH, kW, C, multiplier]`, over S equal segments `[S, kH, kW, in, out]`, of dense layers
/// `[in, out]`. The facts of the network stand under `__metadata__`.
/// Source: the format's description in its repository, README.
public enum Safetensors {
  /// Writes a file that appears whole or not at all.
  ///
  /// - Throws: where the system refuses.
  public static func write(_ network: ExportedNetwork, to path: String) throws(RecordError) {
    let header = header(network)
    let memory = network.memory
    let count = memory.parameters.reduce(0) { $0 + $1.count }
    var bytes = Data(capacity: 8 + header.count + 4 * count)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes.append(contentsOf: $0) }
    bytes.append(header)
    for position in memory.parameters.indices {
      memory.value(position).array.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    try AtomicFile.write(bytes, to: path)
  }

  /// Padded with spaces to whole groups of eight bytes, so that the floats are aligned.
  static func header(_ network: ExportedNetwork) -> Data {
    var start = 0
    let arrays = network.memory.parameters.map { parameter in
      let end = start + 4 * parameter.count
      defer { start = end }
      let entry: JSON = [
        "dtype": "F32", "shape": .array(parameter.shape.map(JSON.integer)),
        "data_offsets": [.integer(start), .integer(end)],
      ]
      return "\(JSON.string(parameter.path).canonicalText):\(entry.canonicalText)"
    }
    let facts = JSON.object(
      Dictionary(network.facts.map { ($0.name, JSON.string($0.text)) }) { $1 })
    let text = (["\"__metadata__\":\(facts.canonicalText)"] + arrays).joined(separator: ",")
    let whole = "{\(text)}"
    return Data((whole + String(repeating: " ", count: (8 - whole.utf8.count % 8) % 8)).utf8)
  }
}
