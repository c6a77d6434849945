// SPDX-License-Identifier: Apache-2.0

/// Where Winograd's algorithm pays, and how its matrices lie in scratch.
struct WinogradLayout: Sendable {
  /// The most blocks of 2×2 outputs that are transformed at a time: enough rows for every kernel's
  /// way to the cache, few enough to stay in the second level while channels are few. Between 24 and
  /// 144 the time hardly differs.
  static let mostBlocks = 96

  /// The most blocks that lie in scratch.
  let blocks: Int
  /// Floats between the 16 matrices of windows, and between those of products or gradients: whole
  /// lines and one more, so that the 16 rows of a block do not fight for the same lines of the cache.
  let windowStride, productStride: Int
  init(blocks: Int, inputs: Int, outputs: Int) {
    self.blocks = blocks
    windowStride = aligned(blocks * inputs) + 16
    productStride = aligned(blocks * outputs) + 16
  }

  /// Whether the algorithm applies and pays: decided by sizes alone.
  static func isFit(for problem: ConvolutionProblem) -> Bool {
    let geometry = problem.geometry
    guard geometry.kernelHeight == 3, geometry.kernelWidth == 3, geometry.stride == 1
    else { return false }
    let imageBlocks = (geometry.outputHeight + 1) / 2 * ((geometry.outputWidth + 1) / 2)
    // Planes of 3×3 fill half of their blocks and gain nothing, those of 5×5 a quarter. Kernels are
    // transformed once a pass, whatever the blocks: 16 do not repay it at 512 channels.
    guard 2 * 4 * imageBlocks <= 3 * geometry.outputPixels, geometry.batch * imageBlocks >= 24
    else { return false }
    // Products are saved by in · out, numbers transformed by in + out: 32 → 32 and 16 → 64 gain a
    // quarter to two fifths, 16 → 16 and 24 → 24 nothing.
    let saved = problem.parts.reduce(0) { $0 + $1.products }
    let transformed = geometry.inputChannels + problem.outputChannels
    return saved > 12 * transformed
  }
}
