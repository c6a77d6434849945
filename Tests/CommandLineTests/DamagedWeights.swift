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
      return DamagedFile.truncations(name, bytes, count: 60)
        + DamagedFile.flips(name, bytes, in: try HDF5Fields(name).positions, count: 120)
    } + inArchive() + ours(in: folder)
  }

  private static func inArchive() throws -> [DamagedFile] {
    let bytes = try fixture(archive)
    return DamagedFile.truncations(archive, bytes, count: 60)
      + DamagedFile.flips(archive, bytes, in: Array(bytes.indices), count: 200)
      + HostileArchives.variants(try fixture("tiny.keras3.weights.h5"))
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
      return DamagedFile.truncations(name, bytes, count: 50).filter {
        $0.bytes.count != bytes.count - 24
      }
        + DamagedFile.flips(name, bytes, in: Array(bytes.indices), count: 100)
    }
  }

  private struct Unconverted: Error { var name: String }
}

/// Where a file of HDF5's old format keeps what a reader cannot do without.
struct HDF5Fields {
  /// The bytes of the arrays' numbers.
  private(set) var numbers: [Range<Int>] = []
  /// The bytes that say what the file is and where it ends, and of every array the extents, the
  /// kind of storage, the address and the size.
  private(set) var positions = Array(0..<8) + Array(40..<48)

  init(_ name: String) throws {
    let path = WeightFiles.fixtures.appending(path: name)
    let data = try Data(contentsOf: path)
    let file = try WeightFile(path.path)
    let shapes = file.outline.arrays.map(\.shape)
    try file.read(where: { _ in true }) { position, values in
      guard let place = data.range(of: values.withUnsafeBytes { Data($0) }) else { return }
      numbers.append(place)
      let layout = data.range(of: Data([3, 1] + Self.words([place.lowerBound, place.count])))
      if let layout { positions += layout }
      let extents = data.range(
        of: Data(
          [1, UInt8(shapes[position].count), 1, 0, 0, 0, 0, 0] + Self.words(shapes[position])))
      if let extents { positions += extents.dropFirst(8) }
    }
  }

  private static func words(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }
}
