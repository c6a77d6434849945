// SPDX-License-Identifier: Apache-2.0

/// Why a setting cannot be used, in the words that the user is shown.
public struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file or option that holds the setting.
  public var source: String
  /// The dotted path of the field, e.g. `training.optimizer.momentum`; empty for the whole.
  public var field: String
  /// What stands there.
  public var value: String
  /// What should stand there, as the end of a sentence: "must be at least 1".
  public var rule: String
  /// The nearest right spelling, where there is one.
  public var suggestion: String?

  public init(
    source: String, field: String, value: String, rule: String, suggestion: String? = nil
  ) {
    self.source = source
    self.field = field
    self.value = value
    self.rule = rule
    self.suggestion = suggestion
  }

  public var description: String {
    let place = field.isEmpty ? source : "\(source): \(field)"
    let content = value.isEmpty ? "" : " is \(value)"
    let hint = suggestion.map { " (did you mean \"\($0)\"?)" } ?? ""
    return value.isEmpty ? "\(place): \(rule)\(hint)" : "\(place)\(content); it \(rule)\(hint)"
  }
}
