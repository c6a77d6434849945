// SPDX-License-Identifier: Apache-2.0

import CGSL
import Foundation

/// The squared singular values of a matrix, the largest first: how its energy is spread over parts
/// that each are one vector times another.
///
/// They are the eigenvalues of the Gram matrix over the shorter side, which keeps shares of energy to
/// about 1e-12; the singular values themselves would lose half of those digits where they are small,
/// but no share hangs on them.
/// Source: GSL, `gsl_eigen_symm`; the tests compare with `gsl_linalg_SV_decomp`.
struct Spectrum {
  /// σ₁² ≥ σ₂² ≥ …; none is negative.
  let energies: [Double]

  var total: Double { energies.reduce(0, +) }

  /// The energy of the best fit of a rank.
  func energy(ofRank rank: Int) -> Double { energies.prefix(rank).reduce(0, +) }

  /// exp of the entropy of the shares: as many equal singular values would be as spread out; 0 where
  /// there is no energy.
  ///
  /// Source: Roy and Vetterli, "The effective rank", 2007, on shares of energy.
  var effectiveRank: Double {
    let total = total
    guard total > 0 else { return 0 }
    let entropy = energies.reduce(0) { sum, energy in
      energy > 0 ? sum - energy / total * log(energy / total) : sum
    }
    return exp(entropy)
  }

  /// - Parameter rows: equally long.
  init(rows: [[Double]]) {
    let width = rows.first?.count ?? 0
    let isWide = width > rows.count
    let gram = isWide ? Self.gram(rows) : Self.gram(Self.transposed(rows, width: width))
    energies = Self.eigenvalues(of: gram)
  }

  private static func transposed(_ rows: [[Double]], width: Int) -> [[Double]] {
    (0..<width).map { column in rows.map { $0[column] } }
  }

  /// The products of all pairs of vectors.
  private static func gram(_ vectors: [[Double]]) -> [[Double]] {
    var gram = vectors.map { _ in [Double](repeating: 0, count: vectors.count) }
    for first in vectors.indices {
      for second in 0...first {
        let product = zip(vectors[first], vectors[second]).reduce(0) { $0 + $1.0 * $1.1 }
        gram[first][second] = product
        gram[second][first] = product
      }
    }
    return gram
  }

  private static func eigenvalues(of matrix: [[Double]]) -> [Double] {
    let size = matrix.count
    guard size > 0, let copy = gsl_matrix_alloc(size, size), let values = gsl_vector_alloc(size),
      let workspace = gsl_eigen_symm_alloc(size)
    else { return [] }
    defer {
      gsl_matrix_free(copy)
      gsl_vector_free(values)
      gsl_eigen_symm_free(workspace)
    }
    for (row, numbers) in matrix.enumerated() {
      for (column, number) in numbers.enumerated() { gsl_matrix_set(copy, row, column, number) }
    }
    gsl_eigen_symm(copy, values, workspace)
    // Rounding may leave a zero a little below itself.
    return (0..<size).map { max(0, gsl_vector_get(values, $0)) }.sorted(by: >)
  }
}
