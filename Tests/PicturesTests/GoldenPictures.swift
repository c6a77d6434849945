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

  /// The CRC-32 that PNG and zlib use.
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0xEDB8_8320 : crc >> 1 }
    }
    return ~crc
  }
}
