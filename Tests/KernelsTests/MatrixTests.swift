// SPDX-License-Identifier: Apache-2.0

import Kernels
import RandomStreams
import TestSupport
import Testing

@Suite struct MatrixTests {
  private let memory = TestMemory()
  private let pool = ThreadPool(threads: 2)

  /// [rows, columns] read by columns.
  private func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    (0..<values.count).map { values[$0 % rows * columns + $0 / rows] }
  }

  @Test(arguments: [(1, 1, 1), (3, 5, 2), (600, 7, 10), (130, 64, 3), (5, 700, 33)])
  func productsAreExactInEveryForm(_ size: (rows: Int, inner: Int, columns: Int)) throws {
    let (rows, inner, columns) = size
    let a: [Float] = IntegerData.values(rows * inner, salt: 1)
    let b: [Float] = IntegerData.values(inner * columns, salt: 2)
    let before: [Float] = IntegerData.values(rows * columns, salt: 3)
    let expected = Reference.dense(a, b, rows: rows, inner: inner, columns: columns)
    for (transposeA, transposeB, accumulate) in [
      (false, false, false), (true, false, false), (false, true, true), (true, true, true),
    ] {
      let c = try memory.holding(before)
      MatrixKernel.multiply(
        try memory.holding(transposeA ? transposed(a, rows: rows, columns: inner) : a),
        try memory.holding(transposeB ? transposed(b, rows: inner, columns: columns) : b),
        into: c, rows: rows, inner: inner, columns: columns, transposeA: transposeA,
        transposeB: transposeB, accumulate: accumulate, pool: pool)
      #expect(c.array == (accumulate ? zip(before, expected).map(+) : expected))
    }
  }

  @Test func anyNumberOfThreadsGivesTheSameBits() throws {
    var random = RandomStream(seed: 1, "matrix")
    let (rows, inner, columns) = (1_500, 300, 70)
    let a = try memory.holding((0..<rows * inner).map { _ in random.normal() })
    let b = try memory.holding((0..<inner * columns).map { _ in random.normal() })
    for transposeA in [false, true] {
      let results = try [1, 2, 3].map { threads in
        let c = try memory.poisoned(rows * columns)
        MatrixKernel.multiply(
          a, b, into: c, rows: rows, inner: inner, columns: columns, transposeA: transposeA,
          pool: ThreadPool(threads: threads))
        return bits(c.array)
      }
      #expect(results[0] == results[1])
      #expect(results[0] == results[2])
    }
  }
}
