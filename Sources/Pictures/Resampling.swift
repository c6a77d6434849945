// SPDX-License-Identifier: Apache-2.0

import Settings

/// The weights with which source pixels make up each target pixel, along one direction.
///
/// Antialiased: where the picture shrinks, the filter is stretched over all source pixels that a
/// target pixel covers. The numbers, rounded to 22 binary places, are those of Pillow's
/// `Image.resize`, so that the resized pixels are too.
struct Resampling {
  /// Source pixels that the filter reaches; each target pixel has so many weights, zeros at the end.
  let taps: Int
  /// The first source pixel of every target pixel.
  let starts: [Int]
  /// How many weights of every target pixel count.
  let counts: [Int]
  /// [target pixels, taps].
  let weights: [Int32]
  /// Binary places of the weights: 32 bits less 8 of a byte and 2 for sums above 1 and below 0.
  static let precision: Int32 = 22

  /// - Parameter range: the target pixels that are wanted.
  init(
    from source: Int, to target: Int, only range: Range<Int>,
    _ filter: PicturePreprocessing.Filter
  ) {
    let scale = Double(source) / Double(target)
    let stretch = max(scale, 1)
    let support = filter.support * stretch
    taps = Int(support.rounded(.up)) * 2 + 1
    var starts: [Int] = []
    var counts: [Int] = []
    var weights = [Int32](repeating: 0, count: range.count * taps)
    for pixel in range {
      let center = (Double(pixel) + 0.5) * scale
      // Truncated towards zero, not rounded down.
      let start = max(0, Int(center - support + 0.5))
      let count = min(source, Int(center + support + 0.5)) - start
      let shares = (0..<count).map { tap in
        filter.weight((Double(tap + start) - center + 0.5) * (1 / stretch))
      }
      let sum = shares.reduce(0, +)
      for (tap, share) in shares.enumerated() {
        let scaled = (sum == 0 ? share : share / sum) * Double(1 << Self.precision)
        weights[(pixel - range.lowerBound) * taps + tap] = Int32(
          scaled < 0 ? scaled - 0.5 : scaled + 0.5)
      }
      starts.append(start)
      counts.append(count)
    }
    self.starts = starts
    self.counts = counts
    self.weights = weights
  }

  /// The source pixels that count at all.
  var reach: Range<Int> {
    (starts.first ?? 0)..<zip(starts, counts).reduce(0) { max($0, $1.0 + $1.1) }
  }

  /// A sum of weighted bytes, half a unit included, as a byte.
  @inline(__always)
  static func byte(_ sum: Int32) -> UInt8 { UInt8(max(0, min(255, sum >> precision))) }

  /// What a sum begins with, so that dropping the binary places rounds.
  static var half: Int32 { 1 << (precision - 1) }
}

extension PicturePreprocessing.Filter {
  /// How far the filter reaches, in pixels of the smaller picture.
  fileprivate var support: Double { self == .bilinear ? 1 : 2 }

  /// The weight of a source pixel at a distance.
  fileprivate func weight(_ distance: Double) -> Double {
    let x = abs(distance)
    switch self {
    case .bilinear: return x < 1 ? 1 - x : 0
    case .bicubic:
      // Keys' kernel with a = −½.
      let a = -0.5
      if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
    }
  }
}
