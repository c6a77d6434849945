// SPDX-License-Identifier: Apache-2.0

import Pictures
import RandomStreams
import Settings
import Testing

@testable import Datasets

/// Batches of pictures in files.
@Suite struct PictureBatchTests {
  private let folder: Folder
  private let set: ImageSet

  init() throws {
    folder = try Folder()
    for index in 0..<7 {
      try folder.writePicture("p\(index).png", index, height: 9 + index, width: 14 - index)
    }
    set = ImageSet(
      size: ImageSize(height: 5, width: 5, channels: 3), classNames: ["a", "b"],
      labels: [0, 1, 0, 1, 0, 1, 0],
      pixels: .files(
        PictureFiles(
          folder: folder.path, names: (0..<7).map { "p\($0).png" },
          preprocessing: .inception(size: 5))))
  }

  private let usual = Augmentation(flip: true, cropPadding: 0, resizedCrop: ResizedCrop())

  private func reader(_ augmentation: Augmentation?, seed: UInt64 = 1) -> BatchReader {
    BatchReader(set: set, standardization: nil, augmentation: augmentation, seed: seed)
  }

  private func read(
    _ reader: BatchReader, _ indices: [Int], epoch: Int = 0
  ) throws -> [Float] {
    var images = [Float](repeating: .nan, count: indices.count * 75)
    var labels = [Int](repeating: -1, count: indices.count)
    try reader.read(indices[...], epoch: epoch, into: &images, labels: &labels)
    #expect(labels == indices.map { $0 % 2 })
    return images
  }

  @Test func evaluationSeesThePreprocessedPicture() throws {
    let picture = try Picture(contentsOf: "\(folder.path)/p3.png")
    let preprocessing = PicturePreprocessing.inception(size: 5)
    var expected = [Float](repeating: .nan, count: 75)
    preprocessing.write(preprocessing.view(of: picture), into: &expected, at: 0)
    #expect(try read(reader(nil), [3]) == expected)
  }

  @Test func augmentationDependsOnSeedEpochAndPictureAlone() throws {
    let together = try read(reader(usual), [3, 6, 5], epoch: 7)
    #expect(together.allSatisfy { $0 >= -1 && $0 <= 1 })
    #expect(try read(reader(usual), [6], epoch: 7) == Array(together[75..<150]))
    #expect(try read(reader(usual), [3, 6, 5], epoch: 8) != together)
    #expect(try read(reader(usual, seed: 2), [3, 6, 5], epoch: 7) != together)
  }

  @Test func flipsMirrorWhatIsSeen() throws {
    let flip = Augmentation(flip: true, cropPadding: 0)
    let plain = try read(reader(nil), [2])
    let mirrored = (0..<75).map { index -> Float in
      let (row, column, channel) = (index / 15, index / 3 % 5, index % 3)
      return plain[row * 15 + (4 - column) * 3 + channel]
    }
    let seen = try (0..<20).map { try read(reader(flip), [2], epoch: $0) }
    #expect(seen.allSatisfy { $0 == plain || $0 == mirrored })
    #expect(seen.contains(plain) && seen.contains(mirrored))
  }

  @Test func cropsKeepTheirBounds() {
    let crop = ResizedCrop(area: 0.2...0.5, aspect: 0.5...2)
    var stream = RandomStream(seed: 5, "test")
    var areas: Set<Int> = []
    for _ in 0..<300 {
      let part = crop.region(height: 300, width: 400, &stream)
      #expect(part.top >= 0 && part.left >= 0)
      #expect(part.top + part.height <= 300 && part.left + part.width <= 400)
      let share = Double(part.height * part.width) / 120_000
      let aspect = Double(part.width) / Double(part.height)
      #expect(share > 0.195 && share < 0.505)
      #expect(aspect > 0.49 && aspect < 2.03)
      areas.insert(part.height * part.width)
    }
    #expect(areas.count > 250)
    // No part of a strip has the proportion: the middle does as well as it can.
    let strip = ResizedCrop().region(height: 3, width: 3000, &stream)
    #expect(strip.height == 3 && strip.width == 4 && strip.left == 1498)
  }

  @Test(arguments: [1, 2, 9])
  func streamsGiveTheSameBatchesOnAnyThreads(_ threads: Int) throws {
    let reader = reader(usual)
    let orders = (0..<3).map { reader.order(epoch: $0) }
    let stream = BatchStream(reader, size: 3, threads: threads) { number in
      let (epoch, part) = number.quotientAndRemainder(dividingBy: 3)
      guard epoch < 3 else { return nil }
      return BatchStream.Request(orders[epoch][part * 3..<min(part * 3 + 3, 7)], epoch: epoch)
    }
    for epoch in 0..<3 {
      for part in 0..<3 {
        let indices = Array(orders[epoch][part * 3..<min(part * 3 + 3, 7)])
        let expected = try read(reader, indices, epoch: epoch)
        let isSame = try stream.next { batch in
          batch.count == indices.count && Array(batch.images[..<expected.count]) == expected
            && Array(batch.labels[..<indices.count]) == indices.map { $0 % 2 }
        }
        #expect(isSame == true)
      }
    }
    #expect(try stream.next { _ in 1 } == nil)
  }

  @Test func damagedPicturesAreNamedWhenTheyAreMet() throws {
    try folder.write("p4.png", [1, 2, 3])
    let stream = BatchStream(reader(nil), size: 2, threads: 2) { number in
      number < 3 ? BatchStream.Request([2 * number, 2 * number + 1][...], epoch: 0) : nil
    }
    #expect(try stream.next { _ in true } == true)
    #expect(try stream.next { _ in true } == true)
    let error = #expect(throws: DatasetError.self) { try stream.next { _ in true } }
    #expect(error?.file == "\(folder.path)/p4.png")
  }

  @Test func subsetsKeepPicturesWithTheirLabels() throws {
    let subset = set.subset([5, 2])
    #expect(subset.labels == [1, 0])
    let reader = BatchReader(set: subset, standardization: nil, augmentation: nil, seed: 0)
    #expect(try readAny(reader, [0]) == read(self.reader(nil), [5]))
    #expect(set.prefix(2).count == 2 && set.prefix(2).pixels.count == 150)
  }

  private func readAny(_ reader: BatchReader, _ indices: [Int]) throws -> [Float] {
    var images = [Float](repeating: .nan, count: indices.count * 75)
    var labels = [Int](repeating: -1, count: indices.count)
    try reader.read(indices[...], epoch: 0, into: &images, labels: &labels)
    return images
  }
}
