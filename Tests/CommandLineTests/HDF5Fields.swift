// SPDX-License-Identifier: Apache-2.0

import Foundation
import Weights

/// Where a weight file of HDF5's old format, which has no checksums, keeps what a reader cannot do
/// without.
struct HDF5Fields {
  /// The bytes of the arrays' numbers.
  private(set) var numbers: [Range<Int>] = []
  /// The bytes that say what the file is and where it ends; of groups, what their parts begin with;
  /// of arrays, the kind of storage, the address, the size and the extents.
  private(set) var positions = Set(0..<8).union(40..<48)

  /// - Parameter name: a file among Keras'.
  init(_ name: String) throws {
    let path = WeightFiles.fixtures.appending(path: name)
    let data = try Data(contentsOf: path)
    let file = try WeightFile(path.path)
    let shapes = file.outline.arrays.map(\.shape)
    try file.read(where: { _ in true }) { position, values in
      guard let place = data.range(of: values.withUnsafeBytes { Data($0) }) else { return }
      numbers.append(place)
      // A contiguous layout of version 3, and a plain space of version 1 with its largest extents.
      let shape = shapes[position]
      let layout = [3, 1] + Self.words([place.lowerBound, place.count])
      let space = [1, UInt8(shape.count), 1, 0, 0, 0, 0, 0] + Self.words(shape)
      if let place = data.range(of: Data(layout)) { positions.formUnion(place) }
      if let place = data.range(of: Data(space)) { positions.formUnion(place.dropFirst(8)) }
    }
    // The others have groups that hold nothing, of which a reader opens no part.
    if name.contains("handwritten") { addGroups(data) }
  }

  private mutating func addGroups(_ data: Data) {
    for signature in ["TREE", "SNOD", "HEAP"] {
      var rest = data.startIndex..<data.endIndex
      while let place = data.range(of: Data(signature.utf8), in: rest) {
        positions.formUnion(place)
        rest = place.upperBound..<data.endIndex
      }
    }
  }

  private static func words(_ numbers: [Int]) -> [UInt8] {
    numbers.flatMap { number in (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }
}
