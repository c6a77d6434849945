import Engine
import Settings

/// What stands between a block's two operations.
///
/// With `none` every point of the spectrum is an ordinary convolution written in two steps, so this
/// is a factor of every sweep and not a constant.
/// Source: the paper, section 4.7 and Fig. 10.
public enum Between: String, CaseIterable, Hashable, Sendable {
  case none
  case relu
  case elu
  case bn
  case bnReLU = "bn-relu"

  /// Of the blocks with two operations.
  public static let option = Option(
    "between", Between.none, "what stands between the block's two operations", recorded: .always)
}

extension GraphBuilder {
  /// `[nothing, ReLU, ELU, BN, or BN → ReLU]`.
  public mutating func activation(_ x: Value, _ name: String, _ between: Between) -> Value {
    switch between {
    case .none:
      return x
    case .relu:
      return relu(x, name)
    case .elu:
      return elu(x, name)
    case .bn:
      return batchNorm(x, name)
    case .bnReLU:
      let normalized = batchNorm(x, "\(name)-bn")
      return relu(normalized, name)
    }
  }
}
