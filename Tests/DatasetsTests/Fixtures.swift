// SPDX-License-Identifier: Apache-2.0

import CArchive
import Foundation
import RandomStreams

@testable import Datasets

/// A new folder that goes away with the fixture.
final class Folder {
  let path: String

  init() throws {
    let name = "continuum-datasets-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file, in sub-folders where the name has them, and returns its path.
  @discardableResult
  func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let file = URL(fileURLWithPath: path).appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file.path
  }

  /// What gzip makes of the bytes.
  func gzipped(_ bytes: [UInt8]) throws -> [UInt8] {
    let name = "\(path)/\(UUID().uuidString).gz"
    let handle = gzopen(name, "wb")
    gzwrite(handle, bytes, UInt32(bytes.count))
    gzclose_w(handle)
    defer { try? FileManager.default.removeItem(atPath: name) }
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: name)))
  }
}

enum Fixtures {
  static func bytes(_ count: Int, seed: Int) -> [UInt8] {
    var stream = RandomStream(seed: UInt64(seed), "fixture")
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: stream.nextUInt32()) }
  }

  /// A few records a file instead of ten thousand.
  static var smallCIFAR: CIFARLayout {
    var layout = CIFAR10.layout
    (layout.trainRecords, layout.testRecords) = (3, 4)
    return layout
  }

  /// Contents of every file of a layout: random pixels, labels that run through the classes.
  static func cifarFiles(_ layout: CIFARLayout) -> [(name: String, bytes: [UInt8])] {
    layout.files.enumerated().map { index, file in
      var contents = bytes(layout.records(in: file) * layout.recordBytes, seed: index)
      for record in 0..<layout.records(in: file) {
        for (position, label) in layout.labels.enumerated() {
          let value = (record + 7 * index + position) % label.classes
          contents[record * layout.recordBytes + position] = UInt8(value)
        }
      }
      return (file, contents)
    }
  }

  /// A tar archive in ustar format.
  static func tar(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    for member in members {
      archive += tarHeader(member.name, size: String(member.bytes.count, radix: 8))
      archive += member.bytes
      archive += [UInt8](repeating: 0, count: (512 - member.bytes.count % 512) % 512)
    }
    return archive + [UInt8](repeating: 0, count: 1024)
  }

  /// - Parameter size: octal digits, at most eleven.
  static func tarHeader(_ name: String, size: String, type: Character = "0") -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
    }
    put(name, at: 0)
    put("0000644\0", at: 100)
    put("0000000\0", at: 108)
    put("0000000\0", at: 116)
    put(String(repeating: "0", count: 11 - size.count) + size + "\0", at: 124)
    put("00000000000\0", at: 136)
    put("        ", at: 148)
    put(String(type), at: 156)
    put("ustar\u{0}00", at: 257)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    return header
  }

  static var smallIDX: IDXLayout {
    var layout = MNIST.layout
    layout.trainRecords = 9
    layout.testRecords = 5
    layout.size = ImageSize(height: 5, width: 4, channels: 1)
    return layout
  }

  static func idx(_ dimensions: [Int], _ contents: [UInt8]) -> [UInt8] {
    let header = [0x800 + dimensions.count] + dimensions
    let bytes = header.flatMap { withUnsafeBytes(of: UInt32($0).bigEndian, Array.init) }
    return bytes + contents
  }
}
