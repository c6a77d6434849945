// SPDX-License-Identifier: Apache-2.0

/// Which test images the seeds of one arm got right: a bit for each seed and image.
///
/// Cost: images / 8 bytes a seed; 20 arms of 10 seeds and 10,000 images take 250 kB.
public struct CorrectAnswers: Equatable, Sendable {
  public let seeds: Int
  public let images: Int
  /// By seed, 64 images a word, the lowest bit first; bits past the last image are 0.
  let words: [[UInt64]]

  /// - Parameter correct: `[seed][image]`, the same images in the same order for every seed.
  /// - Throws: `StatisticsError` where there is no seed, no image, or where seeds have different
  ///   numbers of images.
  public init(_ correct: [[Bool]]) throws {
    guard let images = correct.first?.count, images > 0 else {
      throw StatisticsError("an arm needs at least one seed and one image")
    }
    for (seed, row) in correct.enumerated() where row.count != images {
      throw StatisticsError(
        "seed \(seed) has answers for \(row.count) images, seed 0 for \(images)")
    }
    self.init(words: correct.map(Self.packed), images: images)
  }

  /// - Parameter words: rows of ⌈images / 64⌉ words whose bits past the last image are 0.
  init(words: [[UInt64]], images: Int) {
    seeds = words.count
    self.images = images
    self.words = words
  }

  /// Whether a seed got an image right.
  public subscript(seed seed: Int, image image: Int) -> Bool {
    words[seed][image >> 6] >> UInt64(image & 63) & 1 == 1
  }

  private static func packed(_ row: [Bool]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (row.count + 63) / 64)
    for (image, isCorrect) in row.enumerated() where isCorrect {
      words[image >> 6] |= 1 << UInt64(image & 63)
    }
    return words
  }

  /// How many images each seed got right.
  var countsBySeed: [Int] {
    words.map { $0.reduce(0) { $0 + $1.nonzeroBitCount } }
  }

  /// How many seeds got each image right.
  var countsByImage: [Int32] {
    var counts = [Int32](repeating: 0, count: images)
    for row in words {
      for (index, word) in row.enumerated() {
        let base = index << 6
        for image in base..<min(base + 64, images) {
          counts[image] &+= Int32(truncatingIfNeeded: word >> UInt64(image - base) & 1)
        }
      }
    }
    return counts
  }

  /// At how many seeds and images both arms are right.
  func both(_ other: CorrectAnswers) -> Int {
    var sum = 0
    for (row, otherRow) in zip(words, other.words) {
      for (word, otherWord) in zip(row, otherRow) { sum += (word & otherWord).nonzeroBitCount }
    }
    return sum
  }
}
