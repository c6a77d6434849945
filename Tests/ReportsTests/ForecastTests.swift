// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Statistics
import Testing

@testable import Reports

/// What a sweep will find, and the variances that this rests on.
@Suite struct ForecastTests {
  private static func folder(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Results/\(name)").path
  }

  /// The numbers in the code are those of the runs that are committed.
  @Test(arguments: [
    ("cifar10-continuum", VarianceSource.photographs), ("quickstart", VarianceSource.textures),
  ])
  func defaultsAreThoseOfTheCommittedRuns(name: String, source: VarianceSource) throws {
    let folder = Self.folder(name)
    let fitted = try VarianceSource(
      RunCollection(folders: [folder]), folders: "Results/\(name)")
    #expect(fitted.text == source.text)
    for part: KeyPath<VarianceComponents, Double> in [\.seed, \.image, \.residual] {
      let (own, real) = (source.components[keyPath: part], fitted.components[keyPath: part])
      #expect(abs(own - real) <= 1e-3 * real + 1e-9, "\(real)")
    }
  }

  @Test func variancesNeedPredictionsAndSeeds() throws {
    var runs = SyntheticAnswers.sweep()
    let good = try VarianceSource(RunCollection(records: runs), folders: "F")
    #expect(good.text == "F: 4 rows of 3 seeds")
    for index in runs.indices { runs[index].predictions = nil }
    let error = #expect(throws: ReportError.self) {
      try VarianceSource(RunCollection(records: runs), folders: "F")
    }
    #expect(error?.description.hasPrefix("F: must hold predictions") == true)
    let single = SyntheticAnswers.sweep(seeds: 1)
    #expect(throws: ReportError.self) {
      try VarianceSource(RunCollection(records: single), folders: "F")
    }
  }

  @Test func moreComparisonsFindLessAndMoreSeedsMore() throws {
    func forecast(seeds: Int, images: Int = 10_000) -> SweepForecast {
      SweepForecast(.photographs, arms: 7, images: images, seeds: seeds)
    }
    let three = try SweepForecast.Family.allCases.map {
      try #require(forecast(seeds: 3).detectable($0))
    }
    #expect(three.count == 3 && three[0] < three[1] && three[1] < three[2])
    let nine = try #require(forecast(seeds: 9).detectable(.reference))
    #expect(nine < three[1])
    #expect(forecast(seeds: 1).detectable(.reference) == nil)
    let needed = try #require(forecast(seeds: 3).seeds(toDetect: [three[1]], .reference)[0])
    #expect(needed == 3)
    // A handful of images is never enough.
    #expect(forecast(seeds: 3, images: 100).seeds(toDetect: [0.005], .single) == [nil])
    #expect(SweepForecast.Family.allCases.map { $0.comparisons(of: 7) } == [1, 6, 21])
  }
}
