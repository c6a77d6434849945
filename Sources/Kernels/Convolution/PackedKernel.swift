// SPDX-License-Identifier: Apache-2.0

/// Kernels as the direct loops read them: panels of output channels, each begun by its biases.
enum PackedKernel {
  /// Floats of a packed matrix [rows, columns] with its bias.
  static func count(rows: Int, columns: Int) -> Int { (1 + rows) * aligned(columns) }

  /// Cuts a matrix into panels, a large one on all threads.
  static func pack(
    _ kernel: UnsafePointer<Float>, rows: Int, columns: Int, scale: UnsafePointer<Float>? = nil,
    bias: UnsafePointer<Float>? = nil, into packed: UnsafeMutablePointer<Float>, _ pool: ThreadPool
  ) {
    let isLarge = rows * columns >= 1 << 16
    (isLarge ? pool : ThreadPool(threads: 1)).forEachRange(columns, length: 64) { start, count in
      ck.packKernel(
        kernel + start, rows, count, columns, scale.map { $0 + start }, bias.map { $0 + start },
        packed + (1 + rows) * start)
    }
  }

  /// A bias by itself, zeros where there is none.
  static func put(
    _ bias: UnsafePointer<Float>?, _ channels: Int, into target: UnsafeMutablePointer<Float>
  ) {
    if let bias {
      target.update(from: bias, count: channels)
    } else {
      target.update(repeating: 0, count: channels)
    }
  }
}
