// SPDX-License-Identifier: Apache-2.0

import Kernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)
  /// One tile, many tiles, and lengths that no vector divides.
  static let counts = [1, 15, 1_000, 40_001]

  @Test(arguments: counts)
  func sumsProductsAndCopiesAreExact(_ count: Int) throws {
    let a: [Float] = IntegerData.values(count, salt: 1)
    let b: [Float] = IntegerData.values(count, salt: 2)
    let first = try memory.holding(a)
    let second = try memory.holding(b)
    let y = try memory.poisoned(count)
    ElementwiseKernel.add(first, second, y: y, pool: pool)
    #expect(y.array == zip(a, b).map(+))
    ElementwiseKernel.multiply(x: first, mask: second, y: y, accumulate: false, pool: pool)
    #expect(y.array == zip(a, b).map(*))
    ElementwiseKernel.multiply(x: first, mask: second, y: y, accumulate: true, pool: pool)
    #expect(y.array == zip(a, b).map { 2 * $0 * $1 })
    ElementwiseKernel.copy(first, to: y, accumulate: false, pool: pool)
    #expect(y.array == a)
    ElementwiseKernel.accumulate(second, into: y, pool: pool)
    #expect(y.array == zip(a, b).map(+))
  }

  @Test(arguments: [false, true])
  func channelsAreCopiedBetweenMatrices(_ accumulate: Bool) throws {
    let rows = 3_000
    let x: [Float] = IntegerData.values(rows * 11, salt: 6)
    let before: [Float] = IntegerData.values(rows * 7, salt: 7)
    let y = try memory.holding(before)
    ElementwiseKernel.copyChannels(
      from: try memory.holding(x), channels: 11, start: 4, to: y, channels: 7, start: 1,
      count: 5, rows: rows, accumulate: accumulate, pool: pool)
    var expected = before
    for row in 0..<rows {
      for c in 0..<5 {
        let old = accumulate ? before[row * 7 + 1 + c] : 0
        expected[row * 7 + 1 + c] = old + x[row * 11 + 4 + c]
      }
    }
    #expect(y.array == expected)
  }

  @Test(arguments: [1, 3, 8, 16, 20, 37, 64])
  func columnSumsAndRowsAreExact(_ channels: Int) throws {
    let rows = 1_111
    let x: [Float] = IntegerData.values(rows * channels, salt: 8)
    let row: [Float] = IntegerData.values(channels, salt: 9)
    let matrix = try memory.holding(x)
    let sums = try memory.poisoned(channels)
    ElementwiseKernel.columnSums(
      x: matrix, rows: rows, channels: channels, sums: sums,
      scratch: try memory.poisoned(
        ElementwiseKernel.columnSumsScratchCount(rows: rows, channels: channels)), pool: pool)
    #expect(sums.array == Reference.biasGradient(dy: x, outputChannels: channels))
    ElementwiseKernel.addRow(
      try memory.holding(row), to: matrix, rows: rows, channels: channels, pool: pool)
    #expect(matrix.array == x.indices.map { x[$0] + row[$0 % channels] })
  }
}
