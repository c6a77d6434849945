// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// What stands between a block's two operations.
///
/// With `none` every point of the spectrum is an ordinary convolution written in two steps, so this
/// is a factor of every sweep and not a constant.
/// Source: the paper, section 4.7 and Fig. 10.
public enum Between: Hashable, Sendable {
  case none
  case activation(Activation)
  case bn
  case bnReLU

  /// Of the blocks with two operations.
  public static let option = Option(
    "between", Between.none, "what stands between the block's two operations", recorded: .always)
}

extension Between: CaseIterable, RawRepresentable {
  public static let allCases: [Between] =
    [.none] + Activation.allCases.map(Between.activation) + [.bn, .bnReLU]

  public var rawValue: String {
    switch self {
    case .none: "none"
    case .activation(let activation): activation.rawValue.lowercased()
    case .bn: "bn"
    case .bnReLU: "bn-relu"
    }
  }

  public init?(rawValue: String) {
    guard let between = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = between
  }
}

extension GraphBuilder {
  /// `[nothing, an activation, BN, or BN → ReLU]`.
  public mutating func activation(_ x: Value, _ name: String, _ between: Between) -> Value {
    switch between {
    case .none:
      return x
    case .activation(let activation):
      return self.activation(x, name, activation)
    case .bn:
      return batchNorm(x, name)
    case .bnReLU:
      let normalized = batchNorm(x, "\(name)-bn")
      return relu(normalized, name)
    }
  }
}
