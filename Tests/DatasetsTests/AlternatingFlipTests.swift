// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@testable import Datasets

/// Images that are mirrored every other epoch.
@Suite struct AlternatingFlipTests {
  private let random = Augmentation(flip: true, cropPadding: 2)
  private let alternating = Augmentation(flip: true, alternates: true, cropPadding: 2)

  /// The first epoch is that of random flips; each later one is the negative of the one before it.
  @Test func everyImageIsMirroredEveryOtherEpoch() {
    for image in 0..<200 {
      let first = random.draw(seed: 7, epoch: 0, image: image).flipped
      for epoch in 0..<6 {
        let draw = alternating.draw(seed: 7, epoch: epoch, image: image)
        #expect(draw.flipped == (epoch % 2 == 0 ? first : !first))
        let other = random.draw(seed: 7, epoch: epoch, image: image)
        #expect(draw.down == other.down && draw.right == other.right)
      }
    }
  }

  @Test func aboutHalfBeginMirrored() {
    let (one, other) = (draws(seed: 3), draws(seed: 4))
    #expect((900...1100).contains(one.count { $0 }))
    #expect(one != other)
  }

  private func draws(seed: UInt64) -> [Bool] {
    (0..<2000).map { alternating.draw(seed: seed, epoch: 0, image: $0).flipped }
  }

  /// Pixel by pixel: two epochs in a row show an image and its mirror image.
  @Test func twoEpochsShowAnImageAndItsMirrorImage() throws {
    let size = ImageSize(height: 3, width: 5, channels: 2)
    let set = ImageSet(
      size: size, classNames: ["a"], labels: Array(repeating: 0, count: 8),
      pixels: .bytes(Fixtures.bytes(8 * size.count, seed: 5)))
    let reader = BatchReader(
      set: set, standardization: nil,
      augmentation: Augmentation(flip: true, alternates: true, cropPadding: 0), seed: 2)
    func read(_ epoch: Int) throws -> [Float] {
      var (images, labels) = ([Float](repeating: .nan, count: 8 * size.count), [Int](0..<8))
      try reader.read([0, 1, 2, 3, 4, 5, 6, 7], epoch: epoch, into: &images, labels: &labels)
      return images
    }
    let (first, second) = (try read(0), try read(1))
    #expect(first != second)
    #expect(size.mirrored(first) == second)
    #expect(try read(2) == first)
    #expect(try read(3) == second)
  }

  @Test func mirroredImagesAreReadFromRightToLeft() {
    let size = ImageSize(height: 2, width: 3, channels: 2)
    let images = (0..<2 * size.count).map { Float($0) }
    let mirrored = size.mirrored(images)
    for image in 0..<2 {
      for y in 0..<2 {
        for x in 0..<3 {
          for channel in 0..<2 {
            let row = (image * 2 + y) * 3
            #expect(mirrored[(row + x) * 2 + channel] == images[(row + 2 - x) * 2 + channel])
          }
        }
      }
    }
  }

  // MARK: In files

  private func description(_ json: JSON) throws -> DatasetDescription {
    var fields = try Fields(json, source: "data")
    return try DatasetDescription(&fields)
  }

  @Test(arguments: ["cifar-10", "cifar-100"])
  func filesSayIt(_ kind: String) throws {
    let plain = try description(["kind": .string(kind)])
    let said = try description([
      "kind": .string(kind), "augmentation": ["alternatingFlip": true],
    ])
    #expect(said.augmentation == Augmentation(flip: true, alternates: true, cropPadding: 4))
    #expect(said.canonical["augmentation.alternatingFlip"] == true)
    #expect(plain.canonical["augmentation.alternatingFlip"] == nil)
    let aloud = try description([
      "kind": .string(kind), "augmentation": ["alternatingFlip": false],
    ])
    #expect(aloud.canonical == plain.canonical)
  }

  @Test func alternationWithoutFlipsIsRefused() {
    let error = #expect(throws: SettingsError.self) {
      try description([
        "kind": "cifar-10", "augmentation": ["flip": false, "alternatingFlip": true],
      ])
    }
    #expect(error?.field == "augmentation.alternatingFlip")
    #expect(error?.rule == "must be absent where flip is false")
  }
}
