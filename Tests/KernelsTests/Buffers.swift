// SPDX-License-Identifier: Apache-2.0

import Kernels

/// Memory for one test, alive as long as its suite, which is made anew for every test.
final class TestMemory {
  private var blocks: [AlignedMemory] = []

  /// A buffer that holds `values`.
  func holding(_ values: [Float]) throws -> FloatBuffer {
    let block = try AlignedMemory(count: values.count)
    blocks.append(block)
    block.buffer.copy(from: values)
    return block.buffer
  }

  /// A buffer that a kernel must overwrite: a float left as it was spoils the test.
  func poisoned(_ count: Int) throws -> FloatBuffer {
    try holding([Float](repeating: .nan, count: count))
  }

  /// What a convolution's three passes make, on two threads: y, dx and dKernel.
  func passes(
    _ kernel: ConvolutionKernel, _ x: [Float], _ weights: [Float], _ dy: [Float]
  ) throws -> [[Float]] {
    let pool = ThreadPool(threads: 2)
    let scratch = try poisoned(kernel.scratchCount(threads: 2))
    let (input, kernels, gradient) = (try holding(x), try holding(weights), try holding(dy))
    let (y, dx) = (try poisoned(dy.count), try poisoned(x.count))
    let dKernel = try poisoned(kernel.kernelCount)
    kernel.forward(x: input, kernel: kernels, bias: nil, y: y, scratch: scratch, pool: pool)
    kernel.inputGradient(
      dy: gradient, kernel: kernels, dx: dx, accumulate: false, scratch: scratch, pool: pool)
    kernel.kernelGradient(x: input, dy: gradient, dKernel: dKernel, scratch: scratch, pool: pool)
    return [y, dx, dKernel].map(\.array)
  }
}

/// The largest distance of `a` from `b` in relation to 1 + |b|; infinite where lengths differ or
/// either is not a number, so that NaN never passes.
func largestError(_ a: [Float], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  var largest = 0.0
  for (x, y) in zip(a, b) {
    let error = abs(Double(x) - y) / (1 + abs(y))
    guard error.isFinite else { return .infinity }
    largest = max(largest, error)
  }
  return largest
}

/// The bits of every float, so that equality means equality of bits.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
