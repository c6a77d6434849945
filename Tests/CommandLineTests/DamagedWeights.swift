import Engine
import Foundation
import RandomStreams
import Records
import Weights

/// Damaged variants of the files that Keras wrote, the same ones at every run.
struct DamagedWeights {
  /// One variant.
  struct Variant: Sendable {
    var name: String
    var bytes: [UInt8]
    /// How many of the arrays' numbers were touched, which no reader can notice.
    var touchedNumbers = 0
  }

  static let names = [
    "tiny.keras1-style.h5", "tiny.keras3-legacy-whole-model.h5", "tiny.keras3.weights.h5",
    "tiny.keras3.keras", "tiny.handwritten-minimal.weights.h5",
  ]

  let name: String
  private let bytes: [UInt8]
  /// Which bytes are floats of the arrays.
  private let isNumber: [Bool]
  private var stream: RandomStream

  /// - Parameter arrays: what the file holds.
  init(_ name: String, arrays: [[Float]]) throws {
    self.name = name
    bytes = [UInt8](try Data(contentsOf: WeightFiles.fixtures.appending(path: name)))
    stream = RandomStream(seed: 3, name)
    var isNumber = Array(repeating: false, count: bytes.count)
    let data = Data(bytes)
    for array in arrays {
      let pattern = array.withUnsafeBytes { Data($0) }
      guard let place = data.range(of: pattern) else { throw Missing() }
      for position in place { isNumber[position] = true }
    }
    self.isNumber = isNumber
  }

  private struct Missing: Error {}

  /// Cut off at many lengths, the first structures byte by byte.
  func truncations() -> [Variant] {
    let lengths =
      Array(stride(from: 0, to: 120, by: 5))
      + stride(
        from: 120, to: bytes.count, by: bytes.count / 36)
    return lengths.map { Variant(name: "\(name) cut at \($0)", bytes: Array(bytes.prefix($0))) }
  }

  /// One bit turned, most of them where HDF5 or ZIP keep their structures.
  mutating func flips(_ count: Int) -> [Variant] {
    var variants: [Variant] = []
    while variants.count < count {
      let position = stream.integer(below: bytes.count)
      // One in eight of the numbers' bytes, and one in four of the zeros, where nothing stands.
      if isNumber[position], stream.integer(below: 8) != 0 { continue }
      if bytes[position] == 0, stream.integer(below: 4) != 0 { continue }
      var changed = bytes
      changed[position] ^= 1 << UInt8(stream.integer(below: 8))
      variants.append(
        Variant(
          name: "\(name) byte \(position)", bytes: changed,
          touchedNumbers: isNumber[position] ? 1 : 0))
    }
    return variants
  }

  /// Several neighbouring bytes replaced, as a bad sector would.
  mutating func bursts(_ count: Int) -> [Variant] {
    (0..<count).map { _ in
      let start = stream.integer(below: bytes.count - 16)
      var changed = bytes
      for position in start..<start + 16 { changed[position] = UInt8(stream.integer(below: 256)) }
      // Sixteen bytes lie in five floats at most.
      let touched = isNumber[start..<start + 16].contains(true) ? 5 : 0
      return Variant(
        name: "\(name) bytes from \(start)", bytes: changed, touchedNumbers: touched)
    }
  }
}

/// Legacy files whose layers or shapes are wrong in one way each.
enum WrongWeights {
  private typealias Layer = (name: String, arrays: [(name: String, shape: [Int])])

  private static let layers: [Layer] = [
    ("conv", [("kernel", [3, 3, 3, 4])]),
    ("bn", [("gamma", [4]), ("beta", [4]), ("moving_mean", [4]), ("moving_variance", [4])]),
    ("sep", [("depthwise_kernel", [3, 3, 4, 1]), ("pointwise_kernel", [1, 1, 4, 6])]),
    ("dense", [("kernel", [6, 5]), ("bias", [5])]),
  ]

  /// - Parameter folder: where they are made.
  static func variants(in folder: ScratchFolder) throws -> [DamagedWeights.Variant] {
    let wrong = layers.indices.flatMap { wrongLists($0) + wrongArrays($0) }
    return try wrong.enumerated().map { index, layers in
      let path = folder.url.appending(path: "wrong\(index).h5").path
      try write(layers, to: path)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      return DamagedWeights.Variant(name: "wrong \(index): \(layers)", bytes: bytes)
    }
  }

  /// One layer left out, there twice, or in another's place.
  private static func wrongLists(_ position: Int) -> [[Layer]] {
    var fewer = layers
    fewer.remove(at: position)
    let more = layers + [(name: "again", arrays: layers[position].arrays)]
    let swapped = layers.indices.filter { $0 > position }.map { other in
      var swapped = layers
      swapped.swapAt(position, other)
      return swapped
    }
    return [fewer, more] + swapped
  }

  /// One array left out or of another shape.
  private static func wrongArrays(_ position: Int) -> [[Layer]] {
    layers[position].arrays.indices.flatMap { array in
      let shape = layers[position].arrays[array].shape
      var shapes = [shape + [1], Array(shape.dropFirst()), [shape.reduce(1, *)], [1] + shape]
      for axis in shape.indices {
        for step in [-1, 1, 1000] {
          shapes.append(shape)
          shapes[shapes.count - 1][axis] += step
        }
      }
      var wrong = shapes.filter { $0 != shape }.map { shape in
        var changed = layers
        changed[position].arrays[array].shape = shape
        return changed
      }
      wrong.append(layers)
      wrong[wrong.count - 1][position].arrays.remove(at: array)
      return wrong
    }
  }

  private static func write(_ layers: [Layer], to path: String) throws {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers.map(\.name), to: "layer_names")
      for layer in layers {
        let group = try root.makeGroup(layer.name)
        try group.attributes.write(nameList: layer.arrays.map(\.name), to: "weight_names")
        for array in layer.arrays {
          let values = [Float](repeating: 0.5, count: array.shape.reduce(1, *))
          try group.write(values, shape: array.shape, to: array.name)
        }
      }
    }
  }
}
