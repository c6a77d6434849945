// SPDX-License-Identifier: Apache-2.0

import Datasets

/// The eigenvalues of a symmetric matrix and their vectors, in an order and with signs of their own.
struct SymmetricEigenvectors {
  /// From the largest to the smallest.
  let values: [Double]
  /// One a value, of length 1; the entry of the largest size, of equal ones the first, is positive.
  let vectors: [[Double]]

  /// - Parameter matrix: its rows; only what is symmetric has a meaning.
  init(_ matrix: [[Double]]) {
    let largest = matrix.joined().reduce(0) { max($0, abs($1)) }
    let scale = largest > 0 ? largest : 1
    let (values, columns) = SymmetricOrthonormalization.eigen(
      matrix.map { row in row.map { $0 / scale } })
    let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
    self.values = order.map { scale * values[$0] }
    vectors = order.map { axis in Self.pointed(columns.map { $0[axis] }) }
  }

  /// A vector or its negative: which of the two an algorithm finds means nothing.
  private static func pointed(_ vector: [Double]) -> [Double] {
    let largest = vector.reduce(0) { abs($1) > abs($0) ? $1 : $0 }
    return largest < 0 ? vector.map { -$0 } : vector
  }
}
