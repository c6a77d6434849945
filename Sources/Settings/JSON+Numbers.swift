// SPDX-License-Identifier: Apache-2.0

extension JSON {
  /// The whole number that this value is, 3.0 counted as 3.
  public var integerValue: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  /// The finite number that this value is.
  public var numberValue: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value) where value.isFinite: value
    default: nil
    }
  }
}
