// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Datasets

@Suite struct IDXReaderTests {
  let layout = Fixtures.smallIDX
  let pixels = Fixtures.bytes(9 * 20, seed: 1)
  let labels: [UInt8] = [0, 1, 2, 9, 8, 7, 3, 4, 5]

  private var images: [UInt8] { Fixtures.idx([9, 5, 4], pixels) }
  private var classes: [UInt8] { Fixtures.idx([9], labels) }

  private func read(_ folder: Folder, _ images: [UInt8], _ labels: [UInt8]) throws -> ImageSet {
    let imageFile = try folder.write("images", images)
    let labelFile = try folder.write("labels", labels)
    return try IDXReader.read(images: imageFile, labels: labelFile, count: 9, layout)
  }

  @Test func plainAndGzippedFilesGiveTheSame() throws {
    let folder = try Folder()
    let plain = try read(folder, images, classes)
    let packed = try read(folder, try folder.gzipped(images), try folder.gzipped(classes))
    #expect(plain.count == 9)
    #expect(plain.labels == labels.map { Int($0) })
    #expect(plain.pixels == .bytes(pixels))
    #expect(packed.labels == plain.labels)
    #expect(packed.pixels == plain.pixels)
  }

  @Test func wrongHeadersNameOffsetAndRule() throws {
    let folder = try Folder()
    let cases: [(offset: Int, rule: String, bytes: [UInt8])] = [
      (0, "must be 2051", classes + Fixtures.bytes(176, seed: 1)),
      (4, "must be 9", Fixtures.idx([8, 5, 4], pixels)),
      (8, "must be 5", Fixtures.idx([9, 0x7FFF_FFFF, 4], pixels)),
      (12, "must be 4", Fixtures.idx([9, 5, 0], pixels)),
    ]
    for (offset, rule, bytes) in cases {
      let error = #expect(throws: DatasetError.self) { try read(folder, bytes, classes) }
      #expect(error?.offset == offset)
      #expect(error?.rule == rule)
    }
  }

  @Test func wrongLabelNamesItsOffset() throws {
    let folder = try Folder()
    var wrong = classes
    wrong[8 + 4] = 10
    let error = #expect(throws: DatasetError.self) { try read(folder, images, wrong) }
    #expect(error?.offset == 12)
    #expect(error?.file == "\(folder.path)/labels")
    #expect(error?.description.contains("label 10; must lie between 0 and 9") == true)
  }

  @Test func damagedFilesThrow() throws {
    let folder = try Folder()
    let packed = try folder.gzipped(images)
    var refused = 0
    for variant in 0..<240 {
      var bytes = variant % 2 == 0 ? images : packed
      switch variant / 2 % 3 {
      case 0: bytes.removeLast(1 + variant * 31 % (bytes.count - 1))
      case 1 where variant % 2 == 0: bytes += Fixtures.bytes(1 + variant, seed: variant)
      case 1: bytes = try folder.gzipped(images + [UInt8](repeating: 0, count: variant))
      default:
        let place = variant % 2 == 0 ? variant % 16 : 10 + variant * 7919 % (bytes.count - 10)
        bytes[place] ^= 0xFF
      }
      do {
        _ = try read(folder, bytes, classes)
      } catch is DatasetError {
        refused += 1
      }
    }
    #expect(refused == 240)
  }

  @Test func emptyMissingAndFolderPathsThrow() throws {
    let folder = try Folder()
    #expect(throws: DatasetError.self) { try read(folder, [], classes) }
    let labelFile = try folder.write("labels", classes)
    for path in ["\(folder.path)/nowhere", folder.path] {
      #expect(throws: DatasetError.self) {
        try IDXReader.read(images: path, labels: labelFile, count: 9, layout)
      }
    }
  }

  @Test func filesAreFoundUnderTheNamesInUse() throws {
    let folder = try Folder()
    let test = (
      Fixtures.idx([5, 5, 4], Array(pixels[..<100])), Fixtures.idx([5], [1, 2, 3, 4, 5])
    )
    try folder.write("MNIST/raw/train-images-idx3-ubyte", images)
    try folder.write("MNIST/raw/train-labels.idx1-ubyte", classes)
    try folder.write("MNIST/raw/t10k-images-idx3-ubyte.gz", try folder.gzipped(test.0))
    let location = DatasetLocation(path: nil, directory: folder.path)
    let source = MNIST.source
    let error = #expect(throws: DatasetError.self) { try location.findIDX(layout, source) }
    #expect(error?.file.hasSuffix("MNIST/raw/t10k-labels-idx1-ubyte.gz") == true)
    try folder.write("MNIST/raw/t10k-labels-idx1-ubyte", test.1)
    let sets = try location.findIDX(layout, source).read(nil)
    #expect(sets.train.count == 9)
    #expect(sets.test.labels == [1, 2, 3, 4, 5])
  }
}
