// SPDX-License-Identifier: Apache-2.0

import Settings

/// Which rule moves the weights, and its constants; the learning rate's course is the schedule's.
///
/// In files: `{"kind": "sgd", "learningRate": 0.045, …}`, with the constants of the rule.
public struct OptimizerSettings: Hashable, Sendable {
  public let rule: any UpdateRule
  /// The rate that the schedule scales.
  public let learningRate: Double
  /// All constants, defaults filled in.
  private let settings: JSON

  /// Reads all keys of an optimiser; the caller calls `finish`.
  public init(_ fields: inout Fields) throws(SettingsError) {
    let rule = try fields.kind(
      of: UpdateRules.all, default: SGD.self, noun: "rule", key: { $0.key }, "the rule")
    learningRate = try fields.number(
      "learningRate", default: rule.usualLearningRate, in: 0...1000,
      "the rate that the schedule scales")
    self.rule = try rule.init(&fields)
    settings = .object(fields.recorded)
  }

  public static func == (first: OptimizerSettings, second: OptimizerSettings) -> Bool {
    first.settings == second.settings
  }

  public func hash(into hasher: inout Hasher) { hasher.combine(settings) }

  /// How many numbers beside each weight the rule remembers.
  var slotCount: Int { rule.initialMemory.count }
}
