// SPDX-License-Identifier: Apache-2.0

import Foundation

@testable import Pictures

/// The small pictures of Tests/Golden/pictures and what Pillow makes of them.
enum GoldenPictures {
  struct Entry: Decodable {
    var height: Int
    var width: Int
    /// Base 64 of [height, width, 3] bytes.
    var pixels: Data
    /// Of resized pictures.
    var filter: String?
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Golden/pictures")

  static func path(_ name: String) -> String { folder.appending(path: name).path }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: folder.appending(path: name)))
  }

  static func read<Content: Decodable>(_ name: String) throws -> Content {
    try JSONDecoder().decode(Content.self, from: Data(contentsOf: folder.appending(path: name)))
  }

  /// The largest difference of two pictures' values; nil where the counts differ.
  static func distance(_ first: [UInt8], _ second: [UInt8]) -> Int? {
    guard first.count == second.count else { return nil }
    return zip(first, second).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
  }
}
