// SPDX-License-Identifier: Apache-2.0

/// A small symmetric matrix: variances and covariances of arms.
public struct SymmetricMatrix: Equatable, Sendable {
  public let size: Int
  private var values: [Double]

  /// - Parameter entry: asked for the lower triangle only.
  init(size: Int, _ entry: (_ row: Int, _ column: Int) -> Double) {
    self.size = size
    values = [Double](repeating: 0, count: size * size)
    for row in 0..<size {
      for column in 0...row {
        let value = entry(row, column)
        values[row * size + column] = value
        values[column * size + row] = value
      }
    }
  }

  /// The entry of a row and a column.
  public subscript(row: Int, column: Int) -> Double { values[row * size + column] }

  /// The mean of the diagonal minus the mean of what is off it: the mean square of arms against
  /// each other, in units of one arm. Needs two rows.
  var interaction: Double {
    var diagonal = 0.0
    var total = 0.0
    for row in 0..<size {
      diagonal += self[row, row]
      for column in 0..<size { total += self[row, column] }
    }
    let off = size * (size - 1)
    return Self.settled(
      diagonal / Double(size) - (total - diagonal) / Double(off), of: diagonal / Double(size))
  }

  /// wᵀ M v: the covariance of two contrasts.
  func form(_ first: [Double], _ second: [Double]) -> Double {
    var sum = 0.0
    var scale = 0.0
    for row in 0..<size where first[row] != 0 {
      for column in 0..<size where second[column] != 0 {
        let term = first[row] * second[column] * self[row, column]
        sum += term
        scale += abs(term)
      }
    }
    return Self.settled(sum, of: scale)
  }

  /// 0 where nothing but rounding is left of large terms: a variance of 0 is a case of its own.
  private static func settled(_ sum: Double, of scale: Double) -> Double {
    abs(sum) <= 1e-12 * abs(scale) ? 0 : sum
  }

  /// Row-centred and column-centred: what contrasts whose weights sum to 0 see of it.
  var centered: SymmetricMatrix {
    let means = (0..<size).map { row in
      (0..<size).reduce(0) { $0 + self[row, $1] } / Double(size)
    }
    let mean = means.reduce(0, +) / Double(size)
    return SymmetricMatrix(size: size) { self[$0, $1] - means[$0] - means[$1] + mean }
  }

  /// Columns L with L·Lᵀ = M, as many as the rank: Cholesky with pivoting, which stops where less
  /// than 1e-10 of the largest variance is left.
  var factor: [[Double]] {
    var left = (0..<size).map { self[$0, $0] }
    let threshold = 1e-10 * (left.max() ?? 0)
    var columns: [[Double]] = []
    while columns.count < size,
      let pivot = left.indices.max(by: { left[$0] < left[$1] }), left[pivot] > threshold
    {
      let root = left[pivot].squareRoot()
      let column = (0..<size).map { row in
        (columns.reduce(self[row, pivot]) { $0 - $1[row] * $1[pivot] }) / root
      }
      for row in 0..<size { left[row] -= column[row] * column[row] }
      left[pivot] = 0
      columns.append(column)
    }
    return columns
  }
}
