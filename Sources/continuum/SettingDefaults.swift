// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings

/// What settings are where nobody says them, as those who read them declare it.
enum SettingDefaults {
  private static let forms = Dictionary(
    uniqueKeysWithValues: ExperimentForm().sections.map { ($0.name, $0.form) })

  /// - Parameters:
  ///   - path: the whole path, e.g. `training.optimizer.beta1`.
  ///   - settings: those of a run, which say of which kinds its sections are.
  /// - Returns: null where nothing stands for what is absent, nil where nobody declares the path.
  @Sendable static func value(_ path: String, _ settings: [String: JSON]) -> JSON? {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard parts.count == 2, let form = forms[parts[0]] else { return nil }
    let field = field(parts[1], of: form) { settings["\(parts[0]).\($0)"] }
    return field.map { $0.declaration.fallback ?? .null }
  }

  /// - Parameter said: what a path inside the section is.
  private static func field(
    _ path: String, of form: ObjectForm, _ said: (String) -> JSON?
  ) -> ObjectForm.Field? {
    let cases = form.choices.flatMap { choice -> [ObjectForm.Field] in
      let value = said(choice.field.declaration.path)
      return choice.cases.first { .string($0.value) == value }?.fields ?? []
    }
    for field in cases + form.fields {
      let own = field.declaration.path
      if own == path { return field }
      if path.hasPrefix("\(own)."), let object = field.object {
        return self.field(path, of: object, said)
      }
    }
    return nil
  }
}
