// SPDX-License-Identifier: Apache-2.0

import Kernels

/// How fast this machine multiplies matrices that fit its caches, by OpenBLAS or by the package's own
/// kernel, whichever is faster: what a network can be held to.
struct ProductRate {
  private static let side = 768
  private let memory: AlignedMemory
  private let scratch: AlignedMemory
  private let kernel: ConvolutionKernel
  private let pool: ThreadPool

  /// - Throws: where the memory is not to be had.
  init(pool: ThreadPool) throws(OutOfMemory) {
    let (side, threads) = (Self.side, pool.threads)
    self.pool = pool
    memory = try AlignedMemory(count: side * side * (1 + 2 * threads))
    kernel = ConvolutionKernel(
      geometry: WindowGeometry(
        batch: threads, inputHeight: 1, inputWidth: side, inputChannels: side, kernelHeight: 1,
        kernelWidth: 1, stride: 1, padding: .same),
      segments: [ChannelSegment(input: side, output: side)])
    scratch = try AlignedMemory(count: kernel.scratchCount(threads: threads))
  }

  /// Multiply-adds a second on all threads.
  func measured() -> Double {
    let (side, rows) = (Self.side, Self.side * pool.threads)
    let weights = memory.buffer.slice(0, side * side)
    let x = memory.buffer.slice(side * side, rows * side)
    let y = memory.buffer.slice(side * side + rows * side, rows * side)
    let clock = SuspendingClock()
    let byLibrary = clock.measure {
      MatrixKernel.multiply(
        x, weights, into: y, rows: rows, inner: side, columns: side, pool: pool)
    }
    let byKernel = clock.measure {
      kernel.forward(
        x: InputView(x), kernel: weights, bias: nil, y: y, scratch: scratch.buffer, pool: pool)
    }
    return Double(rows * side * side) / (min(byLibrary, byKernel) / .seconds(1))
  }
}
