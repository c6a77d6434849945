// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import TestSupport
import Weights

/// Whole files for a network whose layers or shapes are wrong in one way each.
enum WrongWeights {
  /// - Parameters:
  ///   - path: a file of Keras' legacy form.
  ///   - folder: where the variants are made.
  static func variants(of path: String, in folder: ScratchFolder) throws -> [DamagedFile] {
    let layers = try WeightFile(path).outline.layers
    let wrong = layers.indices.flatMap { wrongLists(layers, $0) + wrongArrays(layers, $0) }
    return try wrong.map { wrong in
      let path = folder.url.appending(path: "wrong.h5").path
      try write(wrong.layers, to: path)
      return DamagedFile(
        kind: .misshapen, name: wrong.name,
        bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    }
  }

  private typealias Wrong = (name: String, layers: [WeightOutline.Layer])

  /// One layer left out, there twice, or in another's place.
  private static func wrongLists(
    _ layers: [WeightOutline.Layer], _ position: Int
  ) -> [Wrong] {
    let name = layers[position].name
    var fewer = layers
    fewer.remove(at: position)
    var again = layers[position]
    again.name = "again"
    let swapped = layers.indices.filter { $0 > position }.map { other -> Wrong in
      var swapped = layers
      swapped.swapAt(position, other)
      return ("\(name) in the place of \(layers[other].name)", swapped)
    }
    return [("no \(name)", fewer), ("\(name) twice", layers + [again])] + swapped
  }

  /// One array left out or of another shape.
  private static func wrongArrays(
    _ layers: [WeightOutline.Layer], _ position: Int
  ) -> [Wrong] {
    layers[position].arrays.indices.flatMap { array -> [Wrong] in
      let right = layers[position].arrays[array]
      var wrong = wrongShapes(right.shape).map { shape -> Wrong in
        var changed = layers
        changed[position].arrays[array].shape = shape
        return ("\(right.name) as \(shape)", changed)
      }
      var fewer = layers
      fewer[position].arrays.remove(at: array)
      wrong.append(("no \(right.name)", fewer))
      return wrong
    }
  }

  /// Axes too many, too few, turned, too short, too long.
  private static func wrongShapes(_ shape: [Int]) -> [[Int]] {
    var shapes = [
      shape + [1], Array(shape.dropFirst()), [shape.reduce(1, *)], [1] + shape, shape.reversed(),
    ]
    for axis in shape.indices {
      for step in [-1, 1, 1000] {
        shapes.append(shape)
        shapes[shapes.count - 1][axis] += step
      }
    }
    return shapes.filter { $0 != shape }
  }

  private static func write(_ layers: [WeightOutline.Layer], to path: String) throws {
    try HDF5File.write(to: path) { (root) throws(RecordError) in
      try root.attributes.write(nameList: layers.map(\.name), to: "layer_names")
      for layer in layers {
        let group = try root.makeGroup(layer.name)
        try group.attributes.write(nameList: layer.arrays.map(\.name), to: "weight_names")
        for array in layer.arrays {
          let values = [Float](repeating: 0.5, count: array.count)
          try group.write(values, shape: array.shape, to: array.name)
        }
      }
    }
  }
}
