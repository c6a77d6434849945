// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Weights

/// Weight files with damage that a reader can notice: cut off anywhere, any bit under a checksum, and
/// where HDF5 has none, the fields without which it finds no array.
enum DamagedWeights {
  /// Files of Keras, all with the same weights.
  static let keras = [
    "tiny.keras1-style.h5", "tiny.keras3-legacy-whole-model.h5", "tiny.keras3.weights.h5",
    "tiny.handwritten-minimal.weights.h5",
  ]
  static let archive = "tiny.keras3.keras"

  static func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: WeightFiles.fixtures.appending(path: name)))
  }

  /// - Parameter folder: where the sound files of ours are made.
  static func all(in folder: ScratchFolder) throws -> [DamagedFile] {
    try keras.flatMap { name in
      let bytes = try fixture(name)
      return DamagedFile.truncations(name, bytes, count: 40)
        + DamagedFile.flips(name, bytes, in: try HDF5Fields(name).positions.sorted(), count: 110)
    } + inArchive() + ours(in: folder)
  }

  private static func inArchive() throws -> [DamagedFile] {
    let bytes = try fixture(archive)
    return DamagedFile.truncations(archive, bytes, count: 40)
      + DamagedFile.flips(archive, bytes, in: members(of: bytes).flatMap { $0 }, count: 120)
      + HostileArchives.variants(try fixture("tiny.keras3.weights.h5"))
  }

  /// What a ZIP archive holds of its members; only this is under its checksums, not the headers.
  private static func members(of bytes: [UInt8]) -> [Range<Int>] {
    func number(_ place: Int, _ count: Int) -> Int {
      bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    var members: [Range<Int>] = []
    var place = 0
    while bytes[place...].starts(with: Array("PK\u{03}\u{04}".utf8)) {
      let start = place + 30 + number(place + 26, 2) + number(place + 28, 2)
      members.append(start..<start + number(place + 18, 4))
      place = members[members.count - 1].upperBound
    }
    return members
  }

  /// The three forms that we write, all sealed.
  private static func ours(in folder: ScratchFolder) throws -> [DamagedFile] {
    try folder.addProbe()
    let names = ["probe.h5", "probe.weights.h5", "probe_kernels.h5"]
    for name in names.dropFirst() {
      let outcome = try Tool.run(["weights", "convert", names[0], name], in: folder.url)
      guard outcome.exitCode == 0 else { throw Unconverted(name: outcome.messages) }
    }
    return try names.flatMap { name in
      let bytes = [UInt8](try Data(contentsOf: folder.url.appending(path: name)))
      // What has lost its seal, and nothing else, is whole.
      return DamagedFile.truncations(name, bytes, count: 30).filter {
        $0.bytes.count != bytes.count - 42
      }
        + DamagedFile.flips(name, bytes, in: Array(bytes.indices), count: 60)
    }
  }

  private struct Unconverted: Error { var name: String }
}
