/// The eigenvalues of a symmetric matrix and their vectors, by Jacobi's rotations: each makes one entry
/// beside the diagonal zero, until none is left that matters.
///
/// Source: G. H. Golub and C. F. Van Loan, "Matrix Computations", section 8.5 (cyclic by rows).
struct SymmetricEigenvectors {
  /// From the largest to the smallest.
  let values: [Double]
  /// One a value, of length 1; the entry of the largest size, of equal ones the first, is positive.
  let vectors: [[Double]]

  /// - Parameter matrix: its rows; only what is symmetric has a meaning.
  init(_ matrix: [[Double]]) {
    let size = matrix.count
    var rotated = matrix
    var vectors = (0..<size).map { row in (0..<size).map { $0 == row ? 1.0 : 0 } }
    let scale = matrix.joined().reduce(0) { max($0, abs($1)) }
    // Convergence is quadratic: some ten sweeps do for any matrix.
    for _ in 0..<64 {
      var largest = 0.0
      for first in 0..<size {
        for second in first + 1..<max(size, first + 1) {
          largest = max(largest, abs(rotated[first][second]))
          Self.rotate(&rotated, &vectors, first, second)
        }
      }
      if largest <= 1e-15 * scale { break }
    }
    let order = (0..<size).sorted {
      (rotated[$1][$1], $0) < (rotated[$0][$0], $1)
    }
    values = order.map { rotated[$0][$0] }
    self.vectors = order.map { Self.pointed(vectors[$0]) }
  }

  /// Makes the entry (first, second) zero by a rotation of the two axes.
  private static func rotate(
    _ matrix: inout [[Double]], _ vectors: inout [[Double]], _ first: Int, _ second: Int
  ) {
    let entry = matrix[first][second]
    guard entry != 0 else { return }
    let half = (matrix[second][second] - matrix[first][first]) / (2 * entry)
    let tangent = (half < 0 ? -1 : 1) / (abs(half) + (half * half + 1).squareRoot())
    let cosine = 1 / (tangent * tangent + 1).squareRoot()
    let sine = tangent * cosine
    for other in matrix.indices {
      let (p, q) = (matrix[other][first], matrix[other][second])
      matrix[other][first] = cosine * p - sine * q
      matrix[other][second] = sine * p + cosine * q
    }
    for other in matrix.indices {
      let (p, q) = (matrix[first][other], matrix[second][other])
      matrix[first][other] = cosine * p - sine * q
      matrix[second][other] = sine * p + cosine * q
      let (v, w) = (vectors[first][other], vectors[second][other])
      vectors[first][other] = cosine * v - sine * w
      vectors[second][other] = sine * v + cosine * w
    }
  }

  /// A vector or its negative: which of the two an algorithm finds means nothing.
  private static func pointed(_ vector: [Double]) -> [Double] {
    let largest = vector.reduce(0) { abs($1) > abs($0) ? $1 : $0 }
    return largest < 0 ? vector.map { -$0 } : vector
  }
}
