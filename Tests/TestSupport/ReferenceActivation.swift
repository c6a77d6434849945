// SPDX-License-Identifier: Apache-2.0

import Kernels

// Activations as they are defined.
extension Reference {
  public static func value<T: ReferenceScalar>(_ activation: Activation, _ x: T) -> T {
    switch activation {
    case .relu: x < 0 ? 0 : x
    case .elu: x < 0 ? T.exp(x) - 1 : x
    case .gelu: x * normal(x)
    case .silu: x * logistic(x)
    case .hardSwish: x * gate(x)
    }
  }

  public static func derivative<T: ReferenceScalar>(_ activation: Activation, _ x: T) -> T {
    switch activation {
    case .relu: x > 0 ? 1 : 0
    case .elu: x < 0 ? T.exp(x) : 1
    case .gelu: normal(x) + x * T.exp(-x * x / 2) / (2 * T.pi).squareRoot()
    case .silu: logistic(x) + x * logistic(x) * (1 - logistic(x))
    case .hardSwish: gate(x) + (x > -3 && x < 3 ? x / 6 : 0)
    }
  }

  private static func logistic<T: ReferenceScalar>(_ x: T) -> T { 1 / (1 + T.exp(-x)) }

  private static func normal<T: ReferenceScalar>(_ x: T) -> T {
    (1 + T.erf(x / T(2).squareRoot())) / 2
  }

  /// NaN stays NaN.
  private static func gate<T: ReferenceScalar>(_ x: T) -> T {
    x < -3 ? 0 : x > 3 ? 1 : (x + 3) / 6
  }
}
