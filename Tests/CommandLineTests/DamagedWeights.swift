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
  /// - Parameter folder: where they are made.
  static func variants(in folder: ScratchFolder) throws -> [DamagedWeights.Variant] {
    let layers: [(String, [(String, [Int])])] = [
      ("conv", [("kernel", [3, 3, 3, 4])]),
      ("bn", [("gamma", [4]), ("beta", [4]), ("moving_mean", [4]), ("moving_variance", [4])]),
      ("sep", [("depthwise_kernel", [3, 3, 4, 1]), ("pointwise_kernel", [1, 1, 4, 6])]),
      ("dense", [("kernel", [6, 5]), ("bias", [5])]),
    ]
    var wrong: [[(String, [(String, [Int])])]] = []
    for layer in layers.indices {
      var fewer = layers
      fewer.remove(at: layer)
      wrong.append(fewer)
      wrong.append(layers + [layers[layer]].map { ("again", $0.1) })
      for other in layers.indices where other > layer {
        var swapped = layers
        swapped.swapAt(layer, other)
        wrong.append(swapped)
      }
      for array in layers[layer].1.indices {
        let shape = layers[layer].1[array].1
        var changes = [shape + [1], Array(shape.dropFirst()), [shape.reduce(1, *)], [1] + shape]
        changes += shape.indices.flatMap { axis in
          [-1, 1, 1000].map { step in
            var shape = shape
            shape[axis] += step
            return shape
          }
        }
        for change in changes where change != shape {
          var changed = layers
          changed[layer].1[array].1 = change
          wrong.append(changed)
        }
        var missing = layers
        missing[layer].1.remove(at: array)
        wrong.append(missing)
      }
    }
    return try wrong.enumerated().map { index, layers in
      let path = folder.url.appending(path: "wrong\(index).h5").path
      try write(layers, to: path)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
      return DamagedWeights.Variant(name: "wrong \(index): \(layers)", bytes: bytes)
    }
  }

  private static func write(_ layers: [(String, [(String, [Int])])], to path: String) throws {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers.map(\.0), to: "layer_names")
      for (layer, arrays) in layers {
        let group = try root.makeGroup(layer)
        try group.attributes.write(nameList: arrays.map(\.0), to: "weight_names")
        for (array, shape) in arrays {
          let values = [Float](repeating: 0.5, count: shape.reduce(1, *))
          try group.write(values, shape: shape, to: array)
        }
      }
    }
  }
}
