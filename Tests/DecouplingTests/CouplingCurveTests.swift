// SPDX-License-Identifier: Apache-2.0

import RandomStreams
import Testing

@testable import Decoupling

/// Reading λ off kernels whose λ is known.
@Suite struct CouplingCurveTests {
  private static func samples(
    _ means: [Double], _ spreads: [Double] = [-0.0078125, 0, 0.0078125]
  ) -> [(lambda: Double, reading: Double)] {
    means.enumerated().flatMap { index, mean in
      spreads.map { (Double(index) / Double(means.count - 1), mean + $0) }
    }
  }

  @Test func whatIsKnownIsReadBack() throws {
    let curve = try #require(CouplingCurve(Self.samples([0.875, 0.75, 0.375])))
    #expect(curve.levels.map(\.lambda) == [0, 0.5, 1])
    for (reading, lambda) in [
      (0.875, 0.0), (0.8125, 0.25), (0.75, 0.5), (0.5625, 0.75), (0.375, 1.0),
    ] {
      let read = curve.lambda(of: reading)
      #expect(abs(read.lambda - lambda) < 1e-12 && !read.isBeyond)
      #expect(try #require(read.interval).contains(lambda))
    }
  }

  /// Worked by hand: t of 2 degrees is 4.302653, the deviation 1/128, three kernels.
  @Test func theIntervalIsWhereThePredictionHoldsTheReading() throws {
    let curve = try #require(CouplingCurve(Self.samples([1, 0])))
    let half = 4.302653 / 128 * (1 + 1.0 / 3).squareRoot()
    let read = try #require(curve.lambda(of: 0.5).interval)
    #expect(abs(read.lowerBound - (0.5 - half)) < 1e-6)
    #expect(abs(read.upperBound - (0.5 + half)) < 1e-6)
    let mean = try #require(curve.lambda(of: 0.5, ofMean: 6).interval)
    let less = 4.302653 / 128 * (1.0 / 6 + 1.0 / 3).squareRoot()
    #expect(abs(mean.upperBound - (0.5 + less)) < 1e-6)
    #expect(curve.lambda(of: 1.0078125).interval?.lowerBound == 0)
  }

  @Test func beyondTheCurveItsEndIsTold() throws {
    let curve = try #require(CouplingCurve(Self.samples([0.875, 0.75, 0.375])))
    let above = curve.lambda(of: 2)
    #expect(above.lambda == 0 && above.isBeyond && above.interval == nil)
    let below = curve.lambda(of: -1)
    #expect(below.lambda == 1 && below.isBeyond && below.interval == nil)
    let alike = curve.lambda(of: 0.88)
    #expect(alike.lambda == 0 && alike.isBeyond && alike.interval != nil)
    let none = curve.lambda(of: .nan)
    #expect(none.isBeyond && none.interval == nil)
  }

  @Test func meansThatRiseAreDrawnTogether() throws {
    let curve = try #require(CouplingCurve(Self.samples([0.9, 0.4, 0.6, 0.2])))
    #expect(
      zip(curve.levels.map(\.fitted), [0.9, 0.5, 0.5, 0.2]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(curve.levels[1].mean - 0.4) < 1e-12)
    // As far from one level as from the other.
    #expect(abs(curve.lambda(of: curve.levels[1].fitted).lambda - 0.5) < 1e-9)
  }

  @Test func oneLevelIsNoCurve() {
    #expect(CouplingCurve([(0, 0.5), (0, 0.6), (1, .nan)]) == nil)
    #expect(CouplingCurve([]) == nil)
  }

  @Test func aSingleKernelALevelGivesNoInterval() throws {
    let curve = try #require(CouplingCurve([(0, 0.9), (1, 0.1)]))
    #expect(curve.lambda(of: 0.5).lambda == 0.5 && curve.lambda(of: 0.5).interval == nil)
  }

  /// Of 2,000 kernels of random λ, each with a curve of its own of five kernels a level.
  @Test func intervalsHoldTheTruthAsOftenAsTheySay() throws {
    let truth = { (lambda: Double) in 0.9 - 0.7 * lambda }
    var stream = RandomStream(seed: 3, "coupling-curve")
    var held = 0
    for _ in 0..<2000 {
      let samples = [0, 0.25, 0.5, 0.75, 1].flatMap { lambda in
        (0..<5).map { _ in (lambda, truth(lambda) + 0.02 * Double(stream.normal())) }
      }
      let curve = try #require(CouplingCurve(samples))
      let lambda = 0.2 + 0.6 * Double(stream.uniform())
      let read = curve.lambda(of: truth(lambda) + 0.02 * Double(stream.normal()))
      if read.interval?.contains(lambda) == true { held += 1 }
    }
    let share = Double(held) / 2000
    #expect(abs(share - 0.95) < 0.03, "\(share)")
  }
}
