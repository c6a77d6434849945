// SPDX-License-Identifier: Apache-2.0

import CGSL
import RandomStreams
import Testing

@testable import Decoupling

/// Kernels whose structure is planted, and random ones.
@Suite struct DecouplingTests {
  private static func normals(_ count: Int, _ name: String) -> [Float] {
    var stream = RandomStream(seed: 7, name)
    return (0..<count).map { _ in stream.normal() }
  }

  private static func kernel(
    taps: Int = 9, inputs: Int, outputs: Int, _ value: (Int, Int, Int) -> Float
  ) throws -> SpatialKernel {
    var values: [Float] = []
    for tap in 0..<taps {
      for input in 0..<inputs {
        for output in 0..<outputs { values.append(value(tap, input, output)) }
      }
    }
    return try #require(SpatialKernel(values, shape: [taps, 1, inputs, outputs]))
  }

  /// Small whole numbers, none of which is zero, in no order.
  private static func number(_ first: Int, _ second: Int, _ salt: Int) -> Float {
    Float((first * 7 + second * 13 + salt * 5 + first * second * 3) % 11 - 5) + 0.5
  }

  @Test func aFilterThatIsSpaceTimesChannelsIsWhollyDecoupledPerOutput() throws {
    let kernel = try Self.kernel(inputs: 6, outputs: 8) { tap, input, output in
      Self.number(tap, output, 1) * Self.number(input, output, 2)
    }
    let reading = try #require(KernelDecoupling(kernel))
    #expect(abs(reading.perOutput - 1) < 1e-12)
    #expect(abs(reading.effectiveRank - 1) < 1e-6)
    #expect(reading.perInput < 0.95)
  }

  @Test func oneSpatialFilterAnInputIsWhollyDecoupledPerInput() throws {
    let kernel = try Self.kernel(inputs: 6, outputs: 8) { tap, input, output in
      Self.number(tap, input, 3) * Self.number(input, output, 4)
    }
    let reading = try #require(KernelDecoupling(kernel))
    #expect(abs(reading.perInput - 1) < 1e-12)
    #expect(reading.perOutput < 0.95)
  }

  /// Two outputs of a segment share two mixtures of channels; the segments lie mixed up.
  @Test func segmentsAreFoundWhateverTheOrderOfTheOutputs() throws {
    let mixtures = Self.normals(4 * 2 * 12, "mixtures")
    let spatial = Self.normals(8 * 2 * 9, "spatial")
    let kernel = try Self.kernel(inputs: 12, outputs: 8) { tap, input, output in
      let segment = output % 4
      return (0..<2).reduce(0) { sum, part in
        sum + spatial[(output * 2 + part) * 9 + tap]
          * mixtures[(segment * 2 + part) * 12 + input] * (part == 0 ? 1 : 0.3)
      }
    }
    let reading = try #require(KernelDecoupling(kernel, segmentWidths: [1, 2, 3, 4]))
    #expect(abs(try #require(reading.segments[2]) - 1) < 1e-9)
    #expect(reading.perOutput < 0.999)
    // 3 does not divide 8, and 1 is `perOutput`.
    #expect(Set(reading.segments.keys) == [2, 4])
  }

  /// The fit of a segment can only gain by more mixtures.
  @Test func widerSegmentsHoldNoLess() throws {
    let values = Self.normals(9 * 16 * 16, "wider")
    let kernel = try #require(SpatialKernel(values, shape: [3, 3, 16, 16]))
    let reading = try #require(KernelDecoupling(kernel, segmentWidths: [2, 4, 8, 16]))
    let shares = [reading.perOutput] + [2, 4, 8, 16].compactMap { reading.segments[$0] }
    #expect(shares.count == 5)
    #expect(shares == shares.sorted())
    // 16 mixtures of 16 channels write anything.
    #expect(abs(shares[4] - 1) < 1e-9)
  }

  @Test(arguments: [(16, 0.29), (64, 0.19), (256, 0.15)])
  func randomKernelsReadTheNull(_ inputs: Int, _ expected: Double) throws {
    let null = NullDecoupling(taps: 9, inputs: inputs, outputs: 64, kernels: 4)
    #expect(abs(null.mean.perOutput - expected) < 0.01)
    #expect(null.deviation.perOutput < 0.01)
    #expect(null.count == 4)
  }

  @Test func theSameSeedGivesTheSameNull() {
    let first = NullDecoupling(taps: 9, inputs: 8, outputs: 8, segmentWidths: [2], seed: 3)
    let second = NullDecoupling(taps: 9, inputs: 8, outputs: 8, segmentWidths: [2], seed: 3)
    #expect(first == second)
    #expect(first != NullDecoupling(taps: 9, inputs: 8, outputs: 8, segmentWidths: [2], seed: 4))
  }

  @Test func whatIsNoSpatialKernelIsNone() {
    #expect(SpatialKernel([1, 2], shape: [1, 1, 1, 2]) == nil)
    #expect(SpatialKernel([1, 2, 3], shape: [2, 1, 1, 2]) == nil)
    #expect(SpatialKernel([1, .nan, 3, 4], shape: [2, 1, 1, 2]) == nil)
    #expect(SpatialKernel([1, 2, 3, 4], shape: [4]) == nil)
    let zeros = SpatialKernel([0, 0, 0, 0], shape: [2, 1, 1, 2])
    #expect(zeros.flatMap { KernelDecoupling($0) } == nil)
  }

  // MARK: Twins

  /// The squares of the singular values themselves.
  private static func decomposed(_ rows: [[Double]]) throws -> [Double] {
    let (height, width) = (rows.count, rows[0].count)
    let isWide = width > height
    let (tall, thin) = isWide ? (width, height) : (height, width)
    let matrix = try #require(gsl_matrix_alloc(tall, thin))
    let right = try #require(gsl_matrix_alloc(thin, thin))
    let values = try #require(gsl_vector_alloc(thin))
    let workspace = try #require(gsl_vector_alloc(thin))
    defer {
      gsl_matrix_free(matrix)
      gsl_matrix_free(right)
      gsl_vector_free(values)
      gsl_vector_free(workspace)
    }
    for row in 0..<height {
      for column in 0..<width {
        gsl_matrix_set(matrix, isWide ? column : row, isWide ? row : column, rows[row][column])
      }
    }
    #expect(gsl_linalg_SV_decomp(matrix, right, values, workspace) == 0)
    return (0..<thin).map { gsl_vector_get(values, $0) * gsl_vector_get(values, $0) }
  }

  @Test(arguments: [(9, 4), (9, 9), (9, 30), (1, 5), (5, 1)])
  func energiesAreThoseOfTheSingularValues(_ height: Int, _ width: Int) throws {
    let numbers = Self.normals(height * width, "\(height)x\(width)").map(Double.init)
    let rows = (0..<height).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
    let spectrum = Spectrum(rows: rows)
    let expected = try Self.decomposed(rows)
    #expect(spectrum.energies.count == expected.count)
    let apart = zip(spectrum.energies, expected).map { abs($0 - $1) / expected[0] }
    #expect((apart.max() ?? .nan) < 1e-12)
    let energy = numbers.reduce(0) { $0 + $1 * $1 }
    #expect(abs(spectrum.total - energy) < 1e-10 * energy)
  }
}
