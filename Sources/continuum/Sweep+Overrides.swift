// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings

extension Sweep {
  /// The fields that the command line replaces.
  ///
  /// - Parameter decided: what other words of the command line decide: those words, by the field.
  /// - Throws: where two of them decide the same field: one would be ignored.
  static func overrides(
    _ arguments: Arguments, _ context: Context, decided: [String: String] = [:]
  ) throws(CommandError) -> [String] {
    var decided = decided
    decided["seeds"] = context.seed.map { "--seed \($0)" }
    let pictures = PictureCheck.settings(arguments)
    for (field, word) in pictures { decided["data.\(field)"] = word }
    let settings = arguments[SweepFlags.settings]
    for (index, setting) in settings.enumerated() {
      let path = path(setting)
      let other = decided.sorted { $0.key < $1.key }.first { covers(path, $0.key) }
      if let other { throw refusal(other.value, setting) }
      let earlier = settings.prefix(index).first { $0 != setting && covers(path, Self.path($0)) }
      if let earlier { throw refusal("--set \(earlier)", setting) }
    }
    return settings + pictures.map { "data.\($0.field)=true" }
      + (context.seed.map { ["seeds=[\($0)]"] } ?? [])
  }

  private static func path(_ setting: String) -> String {
    String(setting.prefix { $0 != "=" })
  }

  /// Whether a field is another one, or has it inside.
  private static func covers(_ path: String, _ other: String) -> Bool {
    path == other || other.hasPrefix("\(path).")
  }

  private static func refusal(_ first: String, _ setting: String) -> CommandError {
    .refused("\(first) and --set \(setting) decide the same field; leave out one of them")
  }
}
