// SPDX-License-Identifier: Apache-2.0

import Kernels
import TestSupport
import Testing

/// Activations and their derivatives against the definitions in double precision.
@Suite struct ActivationTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)

  /// From far below to far above, with the places where formulas change.
  private static let range: [Float] =
    (-4_000...4_000).map { Float($0) / 40 } + [-1e-6, -3e-4, 1e-6, -0.0, 3, -3, -1e30, 1e30]

  private func applied(
    _ activation: Activation, _ x: [Float], channels: Int = 1
  ) throws -> [Float] {
    let y = try memory.poisoned(x.count)
    Activation.copy(
      InputView(try memory.holding(x), activation: activation), to: y,
      rows: x.count / channels, channels: channels, pool: pool)
    return y.array
  }

  /// Runs of every width of vector.
  @Test(arguments: Activation.allCases, [1, 4, 8, 16, 37, 117])
  func valuesEqualTheirTwins(_ activation: Activation, _ channels: Int) throws {
    let x = Array(Self.range.prefix(Self.range.count / channels * channels))
    for (x, y) in zip(x, try applied(activation, x, channels: channels)) {
      let expected = Reference.value(activation, Double(x))
      #expect(abs(Double(y) - expected) <= 3e-7 * max(1, abs(expected)), "\(activation) of \(x)")
    }
  }

  /// exp(x) − 1 keeps its digits near 0.
  @Test func eluIsAccurateNearZero() throws {
    let y = try applied(.elu, [-1e-6])
    #expect(abs(y[0] + 1e-6) < 1e-12)
  }

  @Test(arguments: Activation.allCases)
  func derivativesEqualTheirTwins(_ activation: Activation) throws {
    let dy: [Float] = IntegerData.values(Self.range.count, salt: 5)
    for accumulate in [false, true] {
      let dx = try memory.holding(dy)
      let view = InputView(try memory.holding(Self.range), activation: activation)
      ElementwiseKernel.copy(
        try memory.holding(dy), to: GradientTarget(dx, accumulate: accumulate, mask: view),
        rows: dy.count, channels: 1, pool: pool)
      for (index, (x, d)) in zip(Self.range, dy).enumerated() {
        let own = Double(d) * Reference.derivative(activation, Double(x))
        let expected = own + (accumulate ? Double(d) : 0)
        #expect(
          abs(Double(dx.array[index]) - expected) <= 1e-6 * max(1, abs(Double(d))),
          "\(activation) at \(x)")
      }
    }
  }

  @Test(arguments: Activation.allCases)
  func nanStaysNaN(_ activation: Activation) throws {
    let y = try applied(activation, [1, -2, .nan, 3, -4])
    #expect(y.map(\.isNaN) == [false, false, true, false, false])
  }

  /// The output of one may be its input.
  @Test(arguments: Activation.allCases)
  func theyWorkInPlace(_ activation: Activation) throws {
    let x = try memory.holding(Self.range)
    Activation.copy(
      InputView(x, activation: activation), to: x, rows: Self.range.count, channels: 1, pool: pool)
    #expect(x.array == (try applied(activation, Self.range)))
  }

  @Test(arguments: Activation.allCases)
  func derivativesMatchDifferences(_ activation: Activation) {
    for x in stride(from: -6.05, through: 6.05, by: 0.1) {
      let (above, below) = (
        Reference.value(activation, x + 1e-6), Reference.value(activation, x - 1e-6)
      )
      #expect(abs((above - below) / 2e-6 - Reference.derivative(activation, x)) < 1e-6)
    }
  }
}
