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

  @Test(arguments: counts)
  func activationsEqualTheirTwins(_ count: Int) throws {
    let x: [Float] = IntegerData.values(count, salt: 3)
    let dy: [Float] = IntegerData.values(count, salt: 4)
    let input = try memory.holding(x)
    let gradient = try memory.holding(dy)
    let y = try memory.poisoned(count)
    let dx = try memory.poisoned(count)
    ActivationKernel.relu(x: input, y: y, pool: pool)
    #expect(y.array == Reference.relu(x))
    let reluGradient = Reference.reluGradient(y: Reference.relu(x), dy: dy)
    ActivationKernel.reluGradient(y: y, dy: gradient, dx: dx, accumulate: false, pool: pool)
    #expect(dx.array == reluGradient)
    ActivationKernel.reluGradient(y: y, dy: gradient, dx: dx, accumulate: true, pool: pool)
    #expect(dx.array == reluGradient.map { 2 * $0 })
    ActivationKernel.reluGradient(
      y: y, dy: gradient, dx: gradient, accumulate: false, pool: pool)
    #expect(gradient.array == reluGradient)
    ActivationKernel.relu(x: input, y: input, pool: pool)
    #expect(input.array == Reference.relu(x))
  }

  @Test func eluEqualsItsTwinOverItsWholeRange() throws {
    let extremes: [Float] = [-1e-6, -3e-4, -1e30, -.infinity, -0.0]
    let x = (-4_000...400).map { Float($0) / 40 } + extremes
    let dy: [Float] = IntegerData.values(x.count, salt: 5)
    let y = try memory.poisoned(x.count)
    ActivationKernel.elu(x: try memory.holding(x), y: y, pool: pool)
    let expected = Reference.elu(x.map(Double.init))
    #expect(largestError(y.array, expected) < 2e-7)
    let small = zip(y.array, x).first { $0.1 == -1e-6 }
    #expect(abs((small?.0 ?? .nan) + 1e-6) < 1e-12)
    let dx = try memory.poisoned(x.count)
    let gradient = try memory.holding(dy)
    ActivationKernel.eluGradient(y: y, dy: gradient, dx: dx, accumulate: false, pool: pool)
    let expectedGradient = Reference.eluGradient(
      y: y.array.map(Double.init), dy: dy.map(Double.init))
    #expect(largestError(dx.array, expectedGradient) < 2e-7)
    ActivationKernel.eluGradient(y: y, dy: gradient, dx: dx, accumulate: true, pool: pool)
    #expect(largestError(dx.array, expectedGradient.map { 2 * $0 }) < 4e-7)
  }

  @Test func activationsKeepNaN() throws {
    let x = try memory.holding([1, -2, .nan, 3, -4])
    let y = try memory.poisoned(5)
    ActivationKernel.relu(x: x, y: y, pool: pool)
    #expect(y.array.map(\.isNaN) == [false, false, true, false, false])
    ActivationKernel.elu(x: x, y: y, pool: pool)
    #expect(y.array.map(\.isNaN) == [false, false, true, false, false])
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
