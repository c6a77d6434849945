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
