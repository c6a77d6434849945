// SPDX-License-Identifier: Apache-2.0

import Datasets
import ModelZoo
import Settings
import Training

/// Everything that an experiment file may hold, as those who read it declare it.
public struct ExperimentForm: Sendable {
  /// The file but for its sections.
  public let file: ObjectForm
  /// The sections `data`, `network` and `training`, by their names.
  public let sections: [(name: String, form: ObjectForm)]

  public init() {
    file = ObjectForm(context: Self.example, read: Self.readFile)
    sections = [
      ("data", ObjectForm(context: [:], read: Self.readData)),
      ("network", ObjectForm(context: [:], read: Self.readNetwork)),
      ("training", ObjectForm(context: [:], read: Self.readTraining)),
    ]
  }

  /// A file in which every object stands that has no default.
  private static let example: JSON = [
    "data": [:], "network": "probe", "training": [:], "budget": ["target": 1],
    "transfer": ["weights": "/dev/null"],
  ]

  private static func readFile(_ json: JSON, _ log: DeclarationLog) -> SettingsError? {
    error { () throws(SettingsError) in
      _ = try Experiment(json, name: "", source: "", log: log)
    }
  }

  private static func readData(_ json: JSON, _ log: DeclarationLog) -> SettingsError? {
    error { () throws(SettingsError) in
      var fields = try Fields(json, source: "", log: log)
      _ = try DatasetDescription(&fields)
    }
  }

  private static func readNetwork(_ json: JSON, _ log: DeclarationLog) -> SettingsError? {
    error { () throws(SettingsError) in
      _ = try NetworkDescription(json, source: "", log: log)
    }
  }

  private static func readTraining(_ json: JSON, _ log: DeclarationLog) -> SettingsError? {
    error { () throws(SettingsError) in
      _ = try TrainingSettings(Fields(json, source: "", log: log))
    }
  }

  private static func error(_ read: () throws(SettingsError) -> Void) -> SettingsError? {
    do {
      try read()
      return nil
    } catch {
      return error
    }
  }
}
