// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import Settings
import Testing

@testable import Export

@Suite struct SafetensorsTests {
  /// The format read as its description says it, and nothing more.
  private struct Reader {
    let header: JSON
    let bytes: [UInt8]
    let start: Int

    init(_ path: String) throws {
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      self.bytes = bytes
      let length = (0..<8).reduce(0) { $0 | Int(bytes[$1]) << (8 * $1) }
      start = 8 + length
      header = try JSON(text: String(decoding: bytes[8..<start], as: UTF8.self), source: path)
    }

    func floats(_ name: String) throws -> (shape: JSON, values: [Float]) {
      guard case .object(let entries) = header, let entry = entries[name],
        case .array(let offsets)? = entry["data_offsets"], let shape = entry["shape"],
        let first = offsets[0].integerValue, let last = offsets[1].integerValue
      else { throw Missing() }
      let values = stride(from: first, to: last, by: 4).map { offset in
        let bits = (0..<4).reduce(UInt32(0)) {
          $0 | UInt32(bytes[start + offset + $1]) << (8 * UInt32($1))
        }
        return Float(bitPattern: bits)
      }
      return (shape, values)
    }
  }

  private struct Missing: Error {}

  @Test func everyArrayComesBackUnderItsPath() throws {
    let network = try Samples.network()
    let file = ScratchFile()
    try Safetensors.write(network, to: file.path)
    let reader = try Reader(file.path)
    guard case .object(let entries) = reader.header else { throw Missing() }
    #expect(entries.count == network.graph.parameters.count + 1)
    for (position, parameter) in network.graph.parameters.enumerated() {
      let (shape, values) = try reader.floats(parameter.path)
      #expect(shape == .array(parameter.shape.map(JSON.integer)), "\(parameter.path)")
      #expect(values == network.memory.value(position).array, "\(parameter.path)")
      #expect(entries[parameter.path]?["dtype"] == "F32")
    }
    #expect(reader.start.isMultiple(of: 8))
    let count = network.graph.parameters.reduce(0) { $0 + $1.count }
    #expect(reader.bytes.count == reader.start + 4 * count)
  }

  @Test func metadataSaysWhatTheNetworkIs() throws {
    let network = try Samples.network()
    let file = ScratchFile()
    try Safetensors.write(network, to: file.path)
    guard case .object(let facts)? = try Reader(file.path).header["__metadata__"] else {
      throw Missing()
    }
    #expect(facts["input"] == "[6,5,3]" && facts["classes"] == "2")
    #expect(facts["classNames"] == #"["rosé","\"lily\""]"#)
    #expect(facts["preprocessing"] == #"{"size":6}"#)
    #expect(facts["network"]?.stringValue?.contains(#""segments":2"#) == true)
    #expect(facts["data"] == nil)
  }
}

extension JSON {
  fileprivate var stringValue: String? {
    if case .string(let text) = self { text } else { nil }
  }
}
