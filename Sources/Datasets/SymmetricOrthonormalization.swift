// SPDX-License-Identifier: Apache-2.0

/// Löwdin's symmetric orthonormalisation: of all orthonormal sets the one nearest to the given
/// vectors.
///
/// Source: P.-O. Löwdin, Journal of Chemical Physics 18, 365, 1950.
public enum SymmetricOrthonormalization {
  /// V G^{-1/2} with the Gram matrix G = VᵀV; nil where the vectors are not linearly independent.
  static func apply(to vectors: [[Double]]) -> [[Double]]? {
    let gram = vectors.map { first in
      vectors.map { second in zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    let (values, axes) = eigen(gram)
    guard values.allSatisfy({ $0 > 1e-9 }) else { return nil }
    return vectors.indices.map { row in
      var result = [Double](repeating: 0, count: vectors[row].count)
      for (column, vector) in vectors.enumerated() {
        let factor = values.indices.reduce(0) { sum, axis in
          sum + axes[row][axis] * axes[column][axis] / values[axis].squareRoot()
        }
        for index in result.indices { result[index] += factor * vector[index] }
      }
      return result
    }
  }

  /// Eigenvalues and, as columns, eigenvectors of a symmetric matrix, by Jacobi's rotations: slow
  /// for large matrices, exact to rounding, and short. For matrices whose entries are about 1.
  public static func eigen(_ matrix: [[Double]]) -> (values: [Double], vectors: [[Double]]) {
    let count = matrix.count
    var matrix = matrix
    var vectors = (0..<count).map { row in (0..<count).map { $0 == row ? 1.0 : 0.0 } }
    for _ in 0..<64 {
      var offDiagonal = 0.0
      for row in 0..<count {
        for column in row + 1..<max(count, row + 1) {
          offDiagonal += matrix[row][column] * matrix[row][column]
          rotate(&matrix, &vectors, row, column)
        }
      }
      if offDiagonal < 1e-28 { break }
    }
    return (matrix.indices.map { matrix[$0][$0] }, vectors)
  }

  /// Makes the entry (p, q) zero.
  private static func rotate(
    _ matrix: inout [[Double]], _ vectors: inout [[Double]], _ p: Int, _ q: Int
  ) {
    let entry = matrix[p][q]
    if entry == 0 { return }
    let ratio = (matrix[q][q] - matrix[p][p]) / (2 * entry)
    let tangent = (ratio < 0 ? -1 : 1) / (abs(ratio) + (ratio * ratio + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for index in matrix.indices {
      let (first, second) = (matrix[index][p], matrix[index][q])
      matrix[index][p] = cosine * first - sine * second
      matrix[index][q] = sine * first + cosine * second
    }
    for index in matrix.indices {
      let (first, second) = (matrix[p][index], matrix[q][index])
      matrix[p][index] = cosine * first - sine * second
      matrix[q][index] = sine * first + cosine * second
    }
    for index in vectors.indices {
      let (first, second) = (vectors[index][p], vectors[index][q])
      vectors[index][p] = cosine * first - sine * second
      vectors[index][q] = sine * first + cosine * second
    }
  }
}
