import Foundation
import Settings

/// The course of the learning rate, as a factor of the optimiser's.
///
/// In files: `{"kind": "constant"}`, `{"kind": "exponential", "factor": 0.94, "everyEpochs": 2}`,
/// `{"kind": "cosine", "warmupEpochs": 1, "finalFraction": 0}`; every kind takes `warmupEpochs`.
public struct Schedule: Hashable, Sendable {
  /// The shape after the warm-up.
  public enum Kind: String, CaseIterable, Sendable {
    case constant
    /// Multiplied by `factor` at the end of every `everyEpochs` epochs. Source: the paper, section 4.2.
    case exponential
    /// Half a cosine down to `finalFraction`. Source: Loshchilov and Hutter, 2017.
    case cosine
  }

  public let kind: Kind
  public let factor: Double
  public let everyEpochs: Double
  /// Epochs over which the rate first rises in a straight line.
  public let warmupEpochs: Double
  public let finalFraction: Double

  public init(_ fields: Fields) throws(SettingsError) {
    var fields = fields
    kind = try fields.choice("kind", default: .cosine, "its shape after the warm-up")
    warmupEpochs = try fields.number(
      "warmupEpochs", default: 0, in: 0...10_000, "epochs over which the rate first rises")
    switch kind {
    case .constant:
      (factor, everyEpochs, finalFraction) = (1, 1, 1)
    case .exponential:
      factor = try fields.number(
        "factor", default: 0.94, in: 0...1, "what the rate is multiplied by")
      everyEpochs = try fields.number(
        "everyEpochs", default: 2, in: 0.001...10_000, "epochs from one factor to the next")
      finalFraction = 0
    case .cosine:
      (factor, everyEpochs) = (1, 1)
      finalFraction = try fields.number(
        "finalFraction", default: 0, in: 0...1, "share of the rate that is left at the end")
    }
    try fields.finish()
  }

  /// All constants of the kind.
  public var settings: JSON {
    var fields: [String: JSON] = [
      "kind": .string(kind.rawValue), "warmupEpochs": .number(warmupEpochs),
    ]
    switch kind {
    case .constant: break
    case .exponential:
      fields["factor"] = .number(factor)
      fields["everyEpochs"] = .number(everyEpochs)
    case .cosine:
      fields["finalFraction"] = .number(finalFraction)
    }
    return .object(fields)
  }

  /// The factor for the step that begins `epoch` epochs after the start; the first step of a
  /// warm-up already moves.
  public func factor(epoch: Double, epochs: Double, stepsPerEpoch: Int) -> Double {
    if epoch < warmupEpochs {
      return min(1, (epoch + 1 / Double(stepsPerEpoch)) / warmupEpochs)
    }
    switch kind {
    case .constant:
      return 1
    case .exponential:
      return pow(factor, (epoch / everyEpochs).rounded(.down))
    case .cosine:
      let done = min(1, (epoch - warmupEpochs) / max(epochs - warmupEpochs, 1e-9))
      return finalFraction + (1 - finalFraction) * 0.5 * (1 + cos(Double.pi * done))
    }
  }
}
