// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Statistics

/// Effects over several arms, power, and the simulator.
@Suite struct EffectTests {
  @Test func aSlopeIsTheMeanOfTheSeedsSlopes() throws {
    let values = [[0.7, 0.72, 0.69], [0.74, 0.73, 0.75], [0.75, 0.78, 0.77], [0.8, 0.79, 0.83]]
    let positions: [Double?] = [0, 1, 2, 4]
    let table = try CrossedAnalysis(values: values)
    let estimate = table.estimate(try .slope(over: positions), pooling: .none)
    let slopes = (0..<3).map { seed in
      let pairs = zip([0.0, 1, 2, 4], values.map { $0[seed] })
      let mean = 1.75
      return pairs.reduce(0) { $0 + ($1.0 - mean) * $1.1 } / 8.75
    }
    let mean = slopes.reduce(0, +) / 3
    let squares = slopes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    #expect(isNear(estimate.value, mean))
    #expect(isNear(estimate.standardError, (squares / 6).squareRoot()))
    #expect(isNear(estimate.degrees, 2, within: 1e-6))
  }

  @Test func aLineNeedsTwoPositions() {
    #expect(throws: StatisticsError.self) { try Contrast.slope(over: [1, nil, 1]) }
    #expect(throws: StatisticsError.self) { try Line([nil, nil]) }
    #expect(throws: StatisticsError.self) { try Line([1, .infinity]) }
  }

  @Test func linesCrossWhereTheyWereMadeToCross() throws {
    // 0.5 + 0.10·x and 0.8 − 0.02·x cross at 2.5; the seeds' noise sums to 0 in each arm.
    let noise = [[0.01, -0.01, 0], [0, 0.01, -0.01], [-0.01, 0, 0.01]]
    let heights = [0.5, 0.6, 0.8, 0.8, 0.78, 0.74]
    let table = try CrossedAnalysis(
      values: heights.indices.map { arm in noise[arm % 3].map { heights[arm] + $0 } })
    let flip = try FlipPoint.crossing(
      table, [0, 1, 3, nil, nil, nil], [nil, nil, nil, 0, 1, 3])
    #expect(isNear(flip.position, 2.5))
    guard case .bounded(let interval)? = flip.interval else {
      Issue.record("the slopes differ clearly, so that the interval is bounded")
      return
    }
    #expect(interval.contains(2.5) && interval.upperBound - interval.lowerBound < 1)
    // At the interval's ends the height is just told from 0.
    let rise = try Line([0, 1, 3, nil, nil, nil]).slope - Line([nil, nil, nil, 0, 1, 3]).slope
    let base =
      try Line([0, 1, 3, nil, nil, nil]).intercept - Line([nil, nil, nil, 0, 1, 3]).intercept
    for end in [interval.lowerBound, interval.upperBound] {
      let height = table.estimate(base + end * rise)
      #expect(isNear(height.pValue, 0.05, within: 1e-6))
    }
  }

  @Test func fiellersIntervalCanBeUnbounded() {
    #expect(FlipPoint.interval(a: 1, b: -1, c: -3) == .bounded(-1...3))
    #expect(FlipPoint.interval(a: -1, b: 1, c: 3) == .outside(-1...3))
    #expect(FlipPoint.interval(a: -1, b: 0, c: -3) == .everywhere)
  }

  @Test func slopesTurnAtALevel() throws {
    // Slopes 0.2 at level 0 and −0.1 at level 1: 0 at 2/3.
    let heights = [0.5, 0.7, 0.9, 0.8]
    let noise = [[0.01, -0.01, 0], [0, 0.01, -0.01], [-0.01, 0, 0.01], [0.01, 0, -0.01]]
    let table = try CrossedAnalysis(
      values: heights.indices.map { arm in noise[arm].map { heights[arm] + $0 } })
    let flip = try FlipPoint.ofSlopes(
      table, levels: [0, 1], positions: [[0, 1, nil, nil], [nil, nil, 0, 1]])
    #expect(isNear(flip.position, 2.0 / 3))
  }

  @Test func moreSeedsFindLessButImagesSetAFloor() throws {
    let components = VarianceComponents(seed: 2e-5, image: 0.01, residual: 0.1)
    let power = Power(components, images: 10_000, arms: 5, family: .reference)
    let single = Power(components, images: 10_000, arms: 5, family: .single)
    let three = try #require(power.detectableDifference(seeds: 3))
    let eight = try #require(power.detectableDifference(seeds: 8))
    #expect(eight < three)
    #expect(try #require(single.detectableDifference(seeds: 3)) < three)
    #expect(isNear(power.power(difference: three, seeds: 3), 0.8, within: 1e-4))
    let needed = try #require(power.seeds(toDetect: three / 2))
    #expect(needed > 8)
    #expect(try #require(power.power(difference: three / 2, seeds: needed)) >= 0.8)
    #expect(try #require(power.power(difference: three / 2, seeds: needed - 1)) < 0.8)
    // The images alone have a standard error of 0.001.
    #expect(power.seeds(toDetect: 0.001) == nil)
    #expect(power.power(difference: 0.1, seeds: 1) == nil)
    #expect(power.detectableDifference(seeds: 1) == nil)
  }

  @Test func aModelIsFoundAgainInItsSweeps() throws {
    let model = SweepModel(accuracies: [0.8, 0.85, 0.9], difficulty: 0.5, taste: 0.2, luck: 0.002)
    let answers = model.simulator(seeds: 12, images: 4000, seed: 5).next()
    let fitted = try SweepModel(fittedTo: answers)
    for (value, expected) in zip(fitted.accuracies, model.accuracies) {
      #expect(isNear(value, expected, within: 0.03))
    }
    #expect(isNear(fitted.difficulty, 0.5, within: 0.04))
    #expect(isNear(fitted.taste, 0.2, within: 0.04))
    #expect(isNear(fitted.luck, 0.002, within: 0.0015))
    let expected = SweepModel(accuracies: [0.85], difficulty: 0.5, taste: 0.2, luck: 0.002)
      .components()
    let found = try #require(VarianceComponents(try CrossedAnalysis(answers)))
    #expect(isNear(found.residual, expected.residual, within: 0.02))
    #expect(isNear(found.image, expected.image, within: 0.02))
  }

  @Test func theSameSeedSimulatesTheSameSweeps() {
    let model = SweepModel(accuracies: [0.8, 0.8], difficulty: 0.5, taste: 0.1, luck: 0.001)
    let one = model.simulator(seeds: 2, images: 130, seed: 5)
    let other = model.simulator(seeds: 2, images: 130, seed: 5)
    let first = one.next()
    #expect(first == other.next())
    #expect(first != one.next())
  }

  /// The short form of `make calibrate`: 100 sweeps of 400 images, 4 standard errors.
  @Test func theAnalysisKeepsItsPromises() {
    let model = SweepModel(accuracies: [0.8], difficulty: 0.5, taste: 0.1, luck: 0.005)
    let result = Calibration(model, arms: 4, seeds: 5, images: 400, sweeps: 100, seed: 9)
    #expect(result.familyWiseError < 0.05 + 4 * 0.0218)
    #expect(result.familyWiseErrorOfPairs < 0.05 + 4 * 0.0218)
    #expect(result.coverage > 0.95 - 0.04 && result.coverage <= 1)
    #expect(abs(result.power - 0.8) < 4 * 0.04)
  }
}
