// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Reports

@Suite struct ShareIntervalTests {
  /// Wilson's own bounds, computed from the quadratic that defines them: |p̂ − p| = z √(p(1−p)/n).
  @Test(arguments: [(8, 10), (0, 7), (7, 7), (1, 1000), (39_503, 50_000)])
  func boundsSolveWilsonsEquation(_ successes: Int, _ trials: Int) {
    let interval = ShareInterval(successes: successes, of: trials)
    let n = Double(trials)
    #expect(interval.share == Double(successes) / n)
    for bound in [interval.lower, interval.upper] where bound > 0 && bound < 1 {
      let distance = abs(interval.share - bound)
      let expected = 1.959_963_984_540_054 * (bound * (1 - bound) / n).squareRoot()
      #expect(abs(distance - expected) < 1e-12)
    }
    #expect(interval.lower <= interval.share && interval.share <= interval.upper)
    #expect((interval.lower == 0) == (successes == 0))
    #expect((interval.upper == 1) == (successes == trials))
  }

  @Test func knownInterval() {
    // 8 of 10: 0.490 … 0.943, as in many a textbook.
    let interval = ShareInterval(successes: 8, of: 10)
    #expect(abs(interval.lower - 0.4902) < 1e-4)
    #expect(abs(interval.upper - 0.9433) < 1e-4)
  }

  @Test func meansHaveTheNormalInterval() throws {
    let interval = MeanInterval([1, 2, 3, 6])
    #expect(interval.mean == 3)
    // Variance 14/3, standard error √(7/6).
    #expect(abs(try #require(interval.half) - 1.959_964 * 1.080_123) < 1e-5)
    #expect(MeanInterval([5]).half == nil)
    let isNoNumber = MeanInterval([1, .nan]).mean.isNaN
    #expect(isNoNumber)
  }
}
