// SPDX-License-Identifier: Apache-2.0

import Records
import Statistics
import Tables

/// Rows on the same seeds, analysed together: by seeds and test images where the run files hold
/// what the networks said of each image, else by seeds alone.
struct ArmAnalysis: Sendable {
  let metric: String
  let seeds: [Int]
  let table: CrossedAnalysis
  /// Why there are no images; nil where there are.
  let absence: TestAnswers.Absence?

  /// - Parameters:
  ///   - points: each with a finished run of every seed that has the metric.
  ///   - seeds: one at least.
  ///   - isOfOneTest: whether all were tested on the same images; else seeds alone are analysed.
  /// - Returns: nil where a run is missing, or a value is none.
  init?(
    _ points: [ResultPoint], seeds: [Int], _ metric: String, _ cache: inout AnswerCache,
    isOfOneTest: Bool = true
  ) {
    (self.metric, self.seeds) = (metric, seeds)
    var runs: [[RunRecord]] = []
    for point in points {
      let own = seeds.compactMap { seed in
        point.finished.first { $0.seed == seed && $0.result(metric) != nil }
      }
      guard own.count == seeds.count else { return nil }
      runs.append(own)
    }
    do {
      guard isOfOneTest else { throw AbsenceError(.otherImages) }
      var arms: [CorrectAnswers] = []
      for (point, own) in zip(points, runs) {
        var correct: [[Bool]] = []
        for run in own {
          correct.append(try cache.answers(of: run, in: point, metric).correct)
        }
        arms.append(try CorrectAnswers(correct))
      }
      (table, absence) = (try CrossedAnalysis(arms), nil)
    } catch {
      let values = runs.map { $0.compactMap { $0.result(metric) } }
      guard let table = try? CrossedAnalysis(values: values) else { return nil }
      self.table = table
      // Rows of other numbers of images make no common table.
      absence = (error as? AbsenceError)?.reason ?? .otherImages
    }
  }

  /// What this many seeds can find, where a family of comparisons shares the level.
  ///
  /// - Returns: nil for one seed or one arm.
  func reach(_ family: Power.Family) -> Reach? {
    guard let components = VarianceComponents(table) else { return nil }
    return Reach(
      Power(components, images: table.images, arms: table.arms, family: family),
      seeds: seeds.count)
  }
}

/// What a sweep can find at 80 % power.
struct Reach: Sendable {
  let seeds: Int
  /// The least difference that is found.
  let difference: Double
  /// How many seeds half of it takes; nil where not even 1,000 do.
  let seedsForHalf: Int?

  init?(_ power: Power, seeds: Int) {
    guard let difference = power.detectableDifference(seeds: seeds) else { return nil }
    (self.seeds, self.difference) = (seeds, difference)
    seedsForHalf = difference > 0 ? power.seeds(toDetect: difference / 2) : nil
  }
}
