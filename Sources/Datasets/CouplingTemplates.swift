// SPDX-License-Identifier: Apache-2.0

/// The templates T_k(λ) of the classes of `coupling`.
///
/// Let B_0, B_1, … be orthonormal filters of zero mean and H_k the rows of a Hadamard matrix over
/// √channels, repeating where there are more classes than rows.
/// - Decoupled: B_k ⊗ H_k. As a space × channel matrix its rank is 1: a 1×1 convolution that
///   projects onto H_k, then one depthwise filter B_k, is matched to it.
/// - Coupled: channel c carries B_{(c+k) mod filters} / √channels. Its rank is that of the number of
///   different filters, so no split into space and channels loses nothing.
/// - Coupled inside groups of w channels (`groupWidth`): channel i of group g carries
///   B_{g·w + (i+k) mod w} / √channels, its sign being entry (k div w, g) of a Hadamard matrix over
///   the groups. For w = channels this is the template above; for smaller w a grouped
///   convolution over w channels followed by a 1×1 is matched to it.
///
/// Each family is orthonormal over the classes. T_k(λ) = √(1−λ)·decoupled + √λ·coupled is so only
/// nearly, hence Löwdin's symmetric orthonormalisation T (TᵀT)^{-1/2}, which moves it least.
public struct CouplingTemplates: Sendable {
  public let options: Coupling
  /// [class][tap row, tap column, channel].
  public let templates: [[Double]]

  /// - Throws: where the options break a rule.
  public init(_ options: Coupling) throws(DatasetError) {
    if let (field, rule) = options.violatedRule {
      throw DatasetError(file: "coupling", value: field, rule: rule)
    }
    self.options = options
    let decoupled = Self.decoupled(options)
    let coupled = Self.coupled(options)
    let (near, far) = ((1 - options.lambda).squareRoot(), options.lambda.squareRoot())
    let mixed = zip(decoupled, coupled).map { first, second in
      zip(first, second).map { near * $0 + far * $1 }
    }
    guard let templates = SymmetricOrthonormalization.apply(to: mixed) else {
      throw DatasetError(
        file: "coupling", value: "lambda is \(options.lambda)",
        rule: "must leave the templates of all classes linearly independent")
    }
    self.templates = templates
  }

  static func decoupled(_ options: Coupling) -> [[Double]] {
    let filters = zeroMeanFilters(options.kernel)
    return (0..<options.classes).map { index in
      filters[index].flatMap { tap in
        (0..<options.channels).map { channel in
          tap * hadamard(index % options.channels, channel) / Double(options.channels).squareRoot()
        }
      }
    }
  }

  static func coupled(_ options: Coupling) -> [[Double]] {
    let filters = zeroMeanFilters(options.kernel)
    let scale = 1 / Double(options.channels).squareRoot()
    return (0..<options.classes).map { index in
      (0..<options.kernel * options.kernel).flatMap { tap in
        (0..<options.channels).map { channel in
          let (filter, sign) = coupledFilter(options, index: index, channel: channel)
          return filters[filter][tap] * sign * scale
        }
      }
    }
  }

  private static func coupledFilter(
    _ options: Coupling, index: Int, channel: Int
  ) -> (filter: Int, sign: Double) {
    guard let width = options.groupWidth else {
      return ((channel + index) % options.filterCount, 1)
    }
    let (group, position) = channel.quotientAndRemainder(dividingBy: width)
    let filter = group * width + (position + index) % width
    return (filter % options.filterCount, hadamard(index / width, group))
  }

  /// The kernel² − 1 products of the orthonormal polynomials (constant, slope, curvature, …) in two
  /// directions, without the constant times the constant: [filter][tap].
  static func zeroMeanFilters(_ kernel: Int) -> [[Double]] {
    let centre = Double(kernel - 1) / 2
    var polynomials: [[Double]] = []
    for degree in 0..<kernel {
      var values = (0..<kernel).map { position in
        (0..<degree).reduce(1.0) { power, _ in power * (Double(position) - centre) }
      }
      // Gram and Schmidt, twice, so that rounding leaves nothing behind.
      for _ in 0..<2 {
        for polynomial in polynomials {
          let overlap = zip(values, polynomial).reduce(0) { $0 + $1.0 * $1.1 }
          values = zip(values, polynomial).map { $0 - overlap * $1 }
        }
      }
      let norm = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
      polynomials.append(values.map { $0 / norm })
    }
    return (1..<kernel * kernel).map { index in
      let (vertical, horizontal) = (polynomials[index / kernel], polynomials[index % kernel])
      return vertical.flatMap { down in horizontal.map { down * $0 } }
    }
  }

  /// An entry ±1 of Sylvester's Hadamard matrix.
  static func hadamard(_ row: Int, _ column: Int) -> Double {
    (row & column).nonzeroBitCount % 2 == 0 ? 1 : -1
  }
}
