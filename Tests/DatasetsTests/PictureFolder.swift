// SPDX-License-Identifier: Apache-2.0

import Pictures

@testable import Datasets

extension Folder {
  /// Writes a small picture whose colours say which one it is.
  func writePicture(_ name: String, _ number: Int, height: Int = 9, width: Int = 12) throws {
    try write(name, [])
    var pixels: [UInt8] = []
    for row in 0..<height {
      for column in 0..<width {
        pixels += [UInt8(number * 16 % 256), UInt8(row * 15), UInt8(column * 17)]
      }
    }
    let picture = Picture(height: height, width: width, pixels: pixels)
    try picture.write(png: "\(path)/\(name)")
  }

  /// `counts` pictures in each class, in one part of a folder or directly in it.
  func writeClasses(_ part: String, _ counts: [String: Int]) throws {
    var number = 0
    for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
      for index in 0..<count {
        try writePicture("\(part)\(name)/picture\(index).png", number)
        number += 1
      }
    }
  }
}
