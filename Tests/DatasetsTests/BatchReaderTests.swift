// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Datasets

@Suite struct BatchReaderTests {
  /// 5×4 pixels of two channels, bytes that differ everywhere.
  let set = ImageSet(
    size: ImageSize(height: 5, width: 4, channels: 2), classNames: ["a", "b", "c"],
    labels: (0..<12).map { $0 % 3 }, pixels: .bytes(Fixtures.bytes(12 * 40, seed: 3)))

  private func reader(_ augmentation: Augmentation?, seed: UInt64 = 1) -> BatchReader {
    BatchReader(
      set: set, standardization: Standardization(of: set), augmentation: augmentation, seed: seed)
  }

  private func read(_ reader: BatchReader, _ indices: [Int], epoch: Int) throws -> [Float] {
    var images = [Float](repeating: .nan, count: indices.count * 40)
    var labels = [Int](repeating: -1, count: indices.count)
    try reader.read(indices[...], epoch: epoch, into: &images, labels: &labels)
    #expect(labels == indices.map { $0 % 3 })
    return images
  }

  @Test func ordersArePermutationsThatSeedAndEpochDecide() {
    let reader = reader(nil)
    let orders = (0..<4).map { reader.order(epoch: $0) }
    #expect(orders.allSatisfy { $0.sorted() == Array(0..<12) })
    #expect(Set(orders).count == 4)
    #expect(reader.order(epoch: 2) == orders[2])
    #expect(self.reader(nil, seed: 2).order(epoch: 2) != orders[2])
  }

  @Test func standardisedChannelsHaveMeanZeroAndDeviationOne() throws {
    let values = try read(reader(nil), Array(0..<12), epoch: 0)
    for channel in 0..<2 {
      let own = stride(from: channel, to: values.count, by: 2).map { Double(values[$0]) }
      let mean = own.reduce(0, +) / Double(own.count)
      let variance = own.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(own.count)
      #expect(abs(mean) < 1e-5)
      #expect(abs(variance - 1) < 1e-5)
    }
  }

  @Test func withoutStandardisationBytesBecomeFractionsAndFloatsStay() throws {
    guard case .bytes(let bytes) = set.pixels else { return }
    let plain = BatchReader(set: set, standardization: nil, augmentation: nil, seed: 1)
    let expected = bytes[..<40].map { Float($0) / 255 }
    #expect(zip(try read(plain, [0], epoch: 0), expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let floats = ImageSet(
      size: set.size, classNames: set.classNames, labels: [0],
      pixels: .floats(expected.map { $0 * 9 }))
    let same = BatchReader(set: floats, standardization: nil, augmentation: nil, seed: 1)
    #expect(try read(same, [0], epoch: 0) == expected.map { $0 * 9 })
  }

  @Test func constantChannelStaysFinite() {
    for pixels in [
      Pixels.bytes(Array(repeating: 77, count: 40)), .floats(Array(repeating: 0.3, count: 40)),
    ] {
      let constant = ImageSet(size: set.size, classNames: ["a"], labels: [0], pixels: pixels)
      #expect(Standardization(of: constant).deviation == [1, 1])
    }
  }

  @Test func augmentationDoesNotDependOnBatchesOrOrder() throws {
    let reader = reader(Augmentation(flip: true, cropPadding: 2))
    let together = try read(reader, [3, 8, 5], epoch: 7)
    #expect(try read(reader, [8], epoch: 7) == Array(together[40..<80]))
    #expect(try read(reader, [5, 3], epoch: 7) == Array(together[80...] + together[..<40]))
    #expect(try read(reader, [3, 8, 5], epoch: 8) != together)
    #expect(together.allSatisfy { $0.isFinite })
  }

  /// Some windows of the larger padding lie wholly beyond the image.
  @Test(arguments: [1, 5])
  func everyFlipAndShiftOccursAndMovesThePixelsItSays(padding: Int) throws {
    let plain = try read(reader(nil), [4], epoch: 0)
    let augmentation = Augmentation(flip: true, cropPadding: padding)
    let reader = reader(augmentation)
    var seen: Set<[Int]> = []
    for epoch in 0..<200 * padding * padding {
      let draw = augmentation.draw(seed: 1, epoch: epoch, image: 4)
      seen.insert([draw.flipped ? 1 : 0, draw.down, draw.right])
      let found = try read(reader, [4], epoch: epoch)
      for y in 0..<5 {
        for x in 0..<4 {
          let (sourceY, sourceX) = (y + draw.down, (draw.flipped ? 3 - x : x) + draw.right)
          let inside = (0..<5).contains(sourceY) && (0..<4).contains(sourceX)
          for channel in 0..<2 {
            let expected = inside ? plain[(sourceY * 4 + sourceX) * 2 + channel] : 0
            #expect(found[(y * 4 + x) * 2 + channel] == expected)
          }
        }
      }
    }
    #expect(seen.count == 2 * (2 * padding + 1) * (2 * padding + 1))
  }

  @Test func partsOfAugmentationSwitchSeparately() {
    let both = Augmentation(flip: true, cropPadding: 2)
    let crop = Augmentation(flip: false, cropPadding: 2)
    let flip = Augmentation(flip: true, cropPadding: 0)
    for image in 0..<50 {
      let draw = both.draw(seed: 3, epoch: 1, image: image)
      #expect(crop.draw(seed: 3, epoch: 1, image: image).down == draw.down)
      #expect(crop.draw(seed: 3, epoch: 1, image: image).flipped == false)
      #expect(flip.draw(seed: 3, epoch: 1, image: image) == .init(flipped: draw.flipped))
    }
  }

  @Test func subsetsAndPrefixesKeepImagesWithTheirLabels() {
    let subset = set.subset([7, 2])
    #expect(subset.labels == [1, 2])
    guard case .bytes(let all) = set.pixels, case .bytes(let own) = subset.pixels else { return }
    #expect(own == Array(all[280..<320] + all[80..<120]))
    #expect(set.prefix(5).count == 5)
    #expect(set.prefix(99).count == 12)
    #expect(set.prefix(0).pixels == .bytes([]))
  }
}
