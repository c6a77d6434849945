// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams
import TestSupport
import Testing

@Suite struct NormalizationTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)

  static let shapes: [(rows: Int, channels: Int)] = [
    (1, 3), (2, 1), (5, 8), (64, 16), (65, 20), (700, 37), (1_030, 64), (4_099, 3),
  ]

  /// Statistics of x by the kernel.
  private func statistics(
    _ x: FloatBuffer, rows: Int, channels: Int, threads: Int = 2
  ) throws -> (mean: FloatBuffer, variance: FloatBuffer) {
    let mean = try memory.poisoned(channels)
    let variance = try memory.poisoned(channels)
    let scratch = try memory.poisoned(
      BatchNormalizationKernel.scratchCount(rows: rows, channels: channels))
    BatchNormalizationKernel.statistics(
      x: x, rows: rows, channels: channels, mean: mean, variance: variance, scratch: scratch,
      pool: ThreadPool(threads: threads))
    return (mean, variance)
  }

  @Test(arguments: shapes)
  func statisticsEqualTheirTwin(_ shape: (rows: Int, channels: Int)) throws {
    let x: [Float] = IntegerData.values(shape.rows * shape.channels, salt: 1, bound: 9)
    let result = try statistics(
      try memory.holding(x), rows: shape.rows, channels: shape.channels)
    let expected = Reference.moments(x.map(Double.init), channels: shape.channels)
    #expect(largestError(result.mean.array, expected.mean) < 1e-6)
    #expect(largestError(result.variance.array, expected.variance) < 1e-6)
  }

  @Test func aLargeMeanCostsTheVarianceNoDigits() throws {
    var random = RandomStream(seed: 3, "moments")
    let (rows, channels) = (3_000, 20)
    let x = (0..<rows * channels).map { _ in 10_000 + random.normal() }
    let result = try statistics(try memory.holding(x), rows: rows, channels: channels)
    let expected = Reference.moments(x.map(Double.init), channels: channels)
    #expect(largestError(result.variance.array, expected.variance) < 1e-5)
    #expect(result.variance.array.allSatisfy { $0 > 0.8 && $0 < 1.2 })
  }

  @Test(arguments: shapes)
  func scaleAndShiftEqualsItsTwinExactly(_ shape: (rows: Int, channels: Int)) throws {
    let x: [Float] = IntegerData.values(shape.rows * shape.channels, salt: 2)
    let scale: [Float] = IntegerData.values(shape.channels, salt: 3)
    let shift: [Float] = IntegerData.values(shape.channels, salt: 4)
    let buffer = try memory.holding(x)
    let y = try memory.poisoned(x.count)
    for target in [y, buffer] {
      BatchNormalizationKernel.scaleAndShift(
        x: buffer, rows: shape.rows, channels: shape.channels,
        scale: try memory.holding(scale), shift: try memory.holding(shift), y: target,
        pool: pool)
      #expect(target.array == Reference.scaleAndShift(x, scale: scale, shift: shift))
    }
  }

  @Test(arguments: shapes)
  func gradientSumsEqualTheirTwinExactly(_ shape: (rows: Int, channels: Int)) throws {
    let (rows, channels) = shape
    let x: [Float] = IntegerData.values(rows * channels, salt: 5)
    let dy: [Float] = IntegerData.values(rows * channels, salt: 6)
    let mean: [Float] = IntegerData.values(channels, salt: 7)
    let inverse = (0..<channels).map { Float($0 % 3 + 1) }
    let gradients = try memory.poisoned(channels)
    let products = try memory.poisoned(channels)
    BatchNormalizationKernel.gradientSums(
      x: try memory.holding(x), dy: try memory.holding(dy), rows: rows, channels: channels,
      mean: try memory.holding(mean), inverseDeviation: try memory.holding(inverse),
      sumOfGradients: gradients, sumOfProducts: products,
      scratch: try memory.poisoned(
        BatchNormalizationKernel.scratchCount(rows: rows, channels: channels)), pool: pool)
    var expected = (gradients: [Float](repeating: 0, count: channels), products: [Float]())
    expected.products = expected.gradients
    for index in x.indices {
      let c = index % channels
      expected.gradients[c] += dy[index]
      expected.products[c] += dy[index] * (x[index] - mean[c]) * inverse[c]
    }
    #expect(gradients.array == expected.gradients)
    #expect(products.array == expected.products)
  }

  @Test(arguments: shapes.dropFirst(2), [false, true])
  func inputGradientEqualsItsTwin(
    _ shape: (rows: Int, channels: Int), accumulate: Bool
  ) throws {
    let (rows, channels) = shape
    let x: [Float] = IntegerData.values(rows * channels, salt: 8)
    let dy: [Float] = IntegerData.values(rows * channels, salt: 9)
    let gamma: [Float] = IntegerData.values(channels, salt: 10)
    let epsilon = 0.25
    let input = try memory.holding(x)
    let (mean, variance) = try statistics(input, rows: rows, channels: channels)
    let inverse = try memory.holding(
      variance.array.map { 1 / ($0 + Float(epsilon)).squareRoot() })
    let expected = Reference.batchNormalizationGradients(
      x: x.map(Double.init), gamma: gamma.map(Double.init), dy: dy.map(Double.init),
      epsilon: epsilon)
    let dx = accumulate ? try memory.holding(x) : try memory.poisoned(x.count)
    BatchNormalizationKernel.inputGradient(
      x: input, dy: try memory.holding(dy), rows: rows, channels: channels, mean: mean,
      inverseDeviation: inverse, gamma: try memory.holding(gamma),
      sumOfGradients: try memory.holding(expected.dBeta.map { Float($0) }),
      sumOfProducts: try memory.holding(expected.dGamma.map { Float($0) }), dx: dx,
      accumulate: accumulate, pool: pool)
    let sums = zip(x, expected.dx).map { Double($0) + $1 }
    #expect(largestError(dx.array, accumulate ? sums : expected.dx) < 5e-6)
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    var random = RandomStream(seed: 5, "normalization")
    let (rows, channels) = (5_000, 37)
    let x = try memory.holding((0..<rows * channels).map { _ in random.normal() })
    let results = try [1, 2, 3].map { threads in
      let result = try statistics(x, rows: rows, channels: channels, threads: threads)
      let sums = try memory.poisoned(channels)
      let scratch = try memory.poisoned(
        ElementwiseKernel.columnSumsScratchCount(rows: rows, channels: channels))
      ElementwiseKernel.columnSums(
        x: x, rows: rows, channels: channels, sums: sums, scratch: scratch,
        pool: ThreadPool(threads: threads))
      return [result.mean, result.variance, sums].map { bits($0.array) }
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
