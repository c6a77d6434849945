// SPDX-License-Identifier: Apache-2.0

import COpenBLAS

/// Products of row-major matrices: OpenBLAS with one thread a call, our tiles over the pool.
public enum MatrixKernel {
  /// c = a · b, or c += a · b.
  ///
  /// Shapes: a [rows, inner], or [inner, rows] when `transposeA`; b [inner, columns], or
  /// [columns, inner] when `transposeB`; c [rows, columns]. Rows of c are cut into tiles by the
  /// sizes alone, so any number of threads gives the same bits. c must not overlap a or b.
  /// Cost: rows · inner · columns multiply-adds.
  public static func multiply(
    _ a: FloatBuffer, _ b: FloatBuffer, into c: FloatBuffer, rows: Int, inner: Int, columns: Int,
    transposeA: Bool = false, transposeB: Bool = false, accumulate: Bool = false,
    pool: ThreadPool
  ) {
    precondition(rows >= 0 && inner >= 0 && columns >= 0)
    let left = a.pointer(rows * inner, "a")
    let right = b.pointer(inner * columns, "b")
    let result = c.pointer(rows * columns, "c")
    pool.forEachRange(rows, length: tileRows(rows, transposed: transposeA)) { start, count in
      product(
        Operand(left + (transposeA ? start : start * inner), transposeA ? rows : inner, transposeA),
        Operand(right, transposeB ? inner : columns, transposeB),
        into: result + start * columns, stride: columns,
        size: (rows: count, inner: inner, columns: columns), accumulate: accumulate)
    }
  }

  /// Tall matrices are cut for the cache; the rows of a transposed one are channels, and few.
  private static func tileRows(_ rows: Int, transposed: Bool) -> Int {
    transposed ? max(64, (rows + 15) / 16) : 512
  }

  /// A matrix in memory: where it starts, how far its rows lie apart, whether it is transposed.
  struct Operand {
    let base: UnsafePointer<Float>
    let stride: Int
    let isTransposed: Bool
    init(_ base: UnsafePointer<Float>, _ stride: Int, _ isTransposed: Bool = false) {
      self.base = base
      self.stride = stride
      self.isTransposed = isTransposed
    }
  }

  /// One call of OpenBLAS on the calling thread.
  static func product(
    _ a: Operand, _ b: Operand, into c: UnsafeMutablePointer<Float>, stride: Int,
    size: (rows: Int, inner: Int, columns: Int), accumulate: Bool
  ) {
    guard size.rows > 0 && size.columns > 0 else { return }
    _ = oneThread
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans,
      b.isTransposed ? CblasTrans : CblasNoTrans, blasint(size.rows), blasint(size.columns),
      blasint(size.inner), 1, a.base, blasint(max(a.stride, 1)), b.base,
      blasint(max(b.stride, 1)), accumulate ? 1 : 0, c, blasint(stride))
  }

  /// OpenBLAS' own threading is poor on tall, thin products; tiles are ours.
  private static let oneThread: Void = openblas_set_num_threads(1)
}
