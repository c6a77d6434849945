// SPDX-License-Identifier: Apache-2.0

import Datasets
import Records
import Settings

/// Where files lie that a run's configuration knows by their contents alone, as far as experiments
/// beside the runs tell it.
struct RecordedPlaces {
  /// Values of `data.path`, and of `transfer.weights`.
  private(set) var data: Set<String> = []
  private(set) var weights: Set<String> = []

  init(_ experiments: [ExperimentRecord]) {
    for experiment in experiments {
      guard let json = try? JSON(text: experiment.experiment, source: experiment.name) else {
        continue
      }
      collect(json, [])
    }
  }

  /// Whatever stands under such a name, wherever that is: a place that is another one's does no harm,
  /// since contents decide.
  private mutating func collect(_ json: JSON, _ path: [String]) {
    switch json {
    case .object(let fields):
      for (key, value) in fields {
        collect(value, path + key.split(separator: ".").map(String.init))
      }
    case .array(let values):
      for value in values { collect(value, path) }
    case .string(let text):
      if path.suffix(2) == ["data", "path"] { data.insert(text) }
      if path.suffix(2) == ["transfer", "weights"] { weights.insert(text) }
    default: return
    }
  }
}

extension PlannedRun {
  /// The run that a file holds, planned anew from the configuration in it.
  ///
  /// - Parameters:
  ///   - places: where pictures and weights may lie.
  ///   - directory: the folder of data sets.
  /// - Throws: where this version of the program plans no such run, or the files are not at hand that
  ///   the configuration knows by their contents.
  init(
    recorded record: RunRecord, places: RecordedPlaces, directory: String?
  ) throws(SettingsError) {
    let said = try JSON(text: record.configuration, source: record.id)
    var fault = SettingsError(
      source: record.id, field: "", value: "", rule: "is planned as another run by this version")
    var elsewhere: PlannedRun?
    for weights in Self.candidates(places.weights, said["transfer"] != nil) {
      for path in Self.candidates(places.data, said["data.kind"] != "coupling") {
        do throws(SettingsError) {
          let json = Self.experiment(said, data: path, weights: weights)
          let experiment = try Experiment(json, name: record.experiment, source: record.id)
          guard let run = try experiment.plan(data: directory).runs.first, run.id == record.id
          else { continue }
          if run.data.isAtHand(directory: directory) {
            self = run
            return
          }
          elsewhere = run
        } catch {
          fault = error
        }
      }
    }
    guard let elsewhere else { throw fault }
    self = elsewhere
  }

  private static func candidates(_ places: Set<String>, _ isFile: Bool) -> [String?] {
    [nil] + (isFile ? places.sorted() : [])
  }

  /// The configuration as an experiment of one run says it.
  private static func experiment(_ said: JSON, data: String?, weights: String?) -> JSON {
    var fields: [String: JSON] = [:]
    for section in ["data", "network", "training", "transfer"] { fields[section] = said[section] }
    fields["seeds"] = .array([said["seed"] ?? .null])
    var json = JSON.object(fields)
    if case .object(var own)? = said["data"] {
      own["contents"] = nil
      json = json.setting("data", to: .object(own))
    }
    if let data { json = json.setting("data.path", to: .string(data)) }
    if let weights { json = json.setting("transfer.weights", to: .string(weights)) }
    return json
  }
}
