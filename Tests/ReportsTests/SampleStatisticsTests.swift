// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reports

@Suite struct SampleStatisticsTests {
  /// Source: NIST/SEMATECH e-Handbook, 1.3.6.7.2, upper critical values of Student's t.
  @Test(arguments: [
    (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (9, 2.262), (29, 2.045), (100, 1.984),
  ]) func quantilesAreThePublishedOnes(degrees: Int, published: Double) {
    #expect(
      abs(SampleStatistics.studentQuantile(0.975, degrees: degrees) - published) <= 0.0005001)
  }

  @Test func statisticsOfFourValuesAreThoseByHand() throws {
    let statistics = try #require(SampleStatistics([1, 2, 3, 4]))
    #expect(statistics.count == 4)
    #expect(statistics.mean == 2.5)
    let deviation = try #require(statistics.deviation)
    #expect(abs(deviation - (5.0 / 3).squareRoot()) <= 1e-15)
    let interval = try #require(statistics.confidence95)
    #expect(abs(interval - 3.182446305 * (5.0 / 12).squareRoot()) <= 1e-8)
  }

  @Test func oneValueGivesNoInterval() {
    let statistics = SampleStatistics([0.5])
    #expect(statistics?.mean == 0.5)
    #expect(statistics?.count == 1)
    #expect(statistics?.deviation == nil)
    #expect(statistics?.confidence95 == nil)
    #expect(SampleStatistics([]) == nil)
  }

  @Test func medianIsTheMiddle() {
    #expect(SampleStatistics.median([3, 1, 2]) == 2)
    #expect(SampleStatistics.median([4, 1, 3, 2]) == 2.5)
    #expect(SampleStatistics.median([]) == nil)
  }
}
