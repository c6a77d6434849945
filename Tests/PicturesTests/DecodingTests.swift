// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestSupport
import Testing

@testable import Pictures

/// Decoded pixels against Pillow's.
@Suite struct DecodingTests {
  @Test func everyFlavourHasPillowsPixels() throws {
    let expected: [String: GoldenPictures.Entry] = try GoldenPictures.read("expected.json")
    let files = try FileManager.default.contentsOfDirectory(atPath: GoldenPictures.folder.path)
      .filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }
    #expect(files.count == 51)
    #expect(Set(files) == Set(expected.keys))
    for (name, entry) in expected {
      let picture = try Picture(contentsOf: GoldenPictures.path(name))
      #expect(picture.height == entry.height && picture.width == entry.width, "\(name)")
      let distance = GoldenPictures.distance(picture.pixels, [UInt8](entry.pixels))
      #expect((distance ?? 256) <= (name.hasSuffix(".jpg") ? 2 : 0), "\(name)")
    }
  }

  /// Every pixel of the upright picture has another place under each of the eight.
  @Test func theEightOrientationsDiffer() throws {
    let pictures = try (1...8).map {
      try Picture(contentsOf: GoldenPictures.path("orientation-\($0).jpg"))
    }
    #expect(Set(pictures.map(\.pixels)).count == 8)
    #expect(pictures.map { $0.height > $0.width } == (1...8).map { $0 > 4 })
  }

  @Test func contentsDecideAndNotTheEnding() throws {
    let folder = try Folder()
    let path = try folder.write("picture.jpg", GoldenPictures.bytes("colour-8.png"))
    let png = try Picture(contentsOf: GoldenPictures.path("colour-8.png"))
    #expect(try Picture(contentsOf: path) == png)
  }

  @Test func writtenPicturesComeBack() throws {
    let folder = try Folder()
    let picture = try Picture(contentsOf: GoldenPictures.path("palette-8.png"))
    try picture.write(png: "\(folder.path)/copy.png")
    #expect(try Picture(contentsOf: "\(folder.path)/copy.png") == picture)
    let error = #expect(throws: PictureError.self) {
      try picture.write(png: "\(folder.path)/nowhere/copy.png")
    }
    #expect(error?.file == "\(folder.path)/nowhere/copy.png")
  }

  private struct Photo: Decodable {
    var height: Int
    var width: Int
    var crc32: UInt32
    /// Every sixteenth pixel each way.
    var grid: Data
  }

  private static let photos = ProcessInfo.processInfo.environment["CONTINUUM_DATA"]
    .map { "\($0)/photos" }.flatMap { FileManager.default.fileExists(atPath: $0) ? $0 : nil }

  /// Real photographs, which the project does not hold. The checksums are of Pillow's pixels, and
  /// libjpeg-turbo promises the same bits from all its versions, so JPEG too is met exactly; the
  /// grid says how far off it is where it is not.
  @Test(.enabled(if: photos != nil, "CONTINUUM_DATA names no folder with photos/"))
  func photographsHavePillowsPixels() throws {
    let expected: [String: Photo] = try GoldenPictures.read("photos.json")
    #expect(expected.count == 7)
    for (name, photo) in expected {
      let picture = try Picture(contentsOf: "\(Self.photos ?? "")/\(name)")
      #expect(picture.height == photo.height && picture.width == photo.width, "\(name)")
      let grid = stride(from: 0, to: picture.height, by: 16).flatMap { row in
        stride(from: 0, to: picture.width, by: 16).flatMap { column in
          let start = (row * picture.width + column) * 3
          return picture.pixels[start..<start + 3]
        }
      }
      let distance = GoldenPictures.distance(grid, [UInt8](photo.grid)) ?? 256
      #expect(distance <= (name.hasSuffix(".jpg") ? 2 : 0), "\(name)")
      #expect(Damage.crc32(picture.pixels) == photo.crc32, "\(name)")
    }
  }
}
