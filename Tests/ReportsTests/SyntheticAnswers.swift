// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Runs whose predictions are known image by image.
enum SyntheticAnswers {
  static let classes = 4
  static let images = 200

  /// - Parameters:
  ///   - correct: how many of the first images are right, before the seed's own.
  ///   - test: which test set: another one has other labels.
  static func run(
    block: String, segments: String? = nil, lambda: String = "0", seed: Int, correct: Int,
    shift: Int = 0, test: Int = 0, digest: String? = nil, target: Int? = 2_500
  ) -> RunRecord {
    let right = Set((0..<correct).map { ($0 + shift) % images })
    let labels = (0..<images).map { Int32(($0 + test) % classes) }
    var run = SyntheticRuns.run(
      block: block, segments: segments, lambda: lambda, seed: seed,
      top1: Double(right.count) / Double(images), target: target)
    run.predictions = RunRecord.Predictions(
      labels: labels,
      predicted: labels.enumerated().map { image, label in
        right.contains(image) ? label : (label + 1) % Int32(classes)
      }, classes: classes)
    if let digest {
      run.data = RunRecord.DataIdentity(digest: digest, train: 100, validation: 0, test: images)
    }
    return run
  }

  /// Three seeds of four rows: all near 100 right, but separable convolutions 60 more.
  static func sweep(seeds: Int = 3, lambda: String = "0", test: Int = 0) -> [RunRecord] {
    let rows = [
      ("regular-conv", 100), ("segmented-inception", 101), ("extreme-inception", 99),
      ("separable-conv", 160),
    ]
    return rows.enumerated().flatMap { index, row in
      (0..<seeds).map { seed in
        run(
          block: row.0, segments: row.0 == "segmented-inception" ? "4" : nil, lambda: lambda,
          seed: seed, correct: row.1 + (seed * 7 + index * 3) % 5, shift: (seed * index) % 4,
          test: test, digest: "\(lambda) \(test)")
      }
    }
  }
}
