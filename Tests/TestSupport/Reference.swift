// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The naive twins: what each kernel means, in the obvious loops, for any floating-point type.
///
/// Read these first. Nothing here is fast; everything is meant to be plainly right. On small
/// integers a fast kernel must agree exactly; in Double the gradients are checked by differences.
public enum Reference {}

/// A floating-point type with the three functions that the twins need.
public protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// e to the power `x`.
  static func exp(_ x: Self) -> Self
  /// The natural logarithm of `x`.
  static func log(_ x: Self) -> Self
  /// The error function of `x`.
  static func erf(_ x: Self) -> Self
}

extension Float: ReferenceScalar {
  public static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  public static func log(_ x: Float) -> Float { Foundation.log(x) }
  public static func erf(_ x: Float) -> Float { Foundation.erf(x) }
}

extension Double: ReferenceScalar {
  public static func exp(_ x: Double) -> Double { Foundation.exp(x) }
  public static func log(_ x: Double) -> Double { Foundation.log(x) }
  public static func erf(_ x: Double) -> Double { Foundation.erf(x) }
}
