// SPDX-License-Identifier: Apache-2.0

/// Draws sweeps from a model, one after another, the same for the same seed.
public final class SweepSimulator {
  public let model: SweepModel
  public let seeds: Int
  public let images: Int
  private let source: RandomSource
  /// Standard normal quantiles, equally likely, of which every draw is one. The greatest is 4.2;
  /// the variance is within 2e-5 of 1.
  private let quantiles: [Float]

  init(_ model: SweepModel, seeds: Int, images: Int, seed: UInt) {
    (self.model, self.seeds, self.images) = (model, seeds, images)
    source = RandomSource(seed: seed)
    let count = 1 << 16
    quantiles = (0..<count).map { index in
      Float(Student.normalQuantile((Double(index) + 0.5) / Double(count)))
    }
  }

  /// By arm.
  ///
  /// Cost: half a random number for each arm, seed and image.
  public func next() -> [CorrectAnswers] {
    let difficulty = normals(images, variance: model.difficulty)
    return model.accuracies.map { accuracy in
      let threshold = Float(Student.normalQuantile(accuracy))
      let taste = normals(images, variance: model.taste)
      let luck = normals(seeds, variance: model.luck)
      let words = luck.map { luck in
        var ease = normals(images, variance: model.rest)
        for image in ease.indices {
          ease[image] += threshold + luck + difficulty[image] + taste[image]
        }
        return Self.signs(of: ease)
      }
      return CorrectAnswers(words: words, images: images)
    }
  }

  /// A bit for every value above 0.
  private static func signs(of values: [Float]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (values.count + 63) / 64)
    for word in words.indices {
      var bits: UInt64 = 0
      for index in word << 6..<min(word << 6 + 64, values.count) where values[index] > 0 {
        bits |= 1 << UInt64(index & 63)
      }
      words[word] = bits
    }
    return words
  }

  private func normals(_ count: Int, variance: Double) -> [Float] {
    let deviation = Float(variance.squareRoot())
    var values = [Float](repeating: 0, count: count)
    guard variance > 0 else { return values }
    let (source, quantiles) = (source, quantiles)
    for index in stride(from: 0, to: count, by: 2) {
      let bits = source.bits()
      values[index] = deviation * quantiles[Int(bits & 0xFFFF)]
      if index + 1 < count { values[index + 1] = deviation * quantiles[Int(bits >> 16)] }
    }
    return values
  }
}
