// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Settings

extension Experiment {
  /// What a record in a results folder asked for; nil where a file is no such record.
  static func recorded(
    _ json: JSON, in file: String
  ) throws(SettingsError) -> (name: String, source: String, experiment: JSON)? {
    guard case .string(let name)? = json["name"], case .string(let text)? = json["experiment"],
      case .array? = json["points"]
    else { return nil }
    let source: String? = if case .string(let source)? = json["source"] { source } else { nil }
    return (name, source ?? file, try JSON(text: text, source: file))
  }

  /// What is asked of a results folder, for `RESULTS/experiments/<id>.json`.
  ///
  /// - Parameters:
  ///   - runs: those of this experiment, as `plan` gives them.
  ///   - asked: when.
  ///   - keepsWeights: whether the runs' weights are to be kept.
  /// - Returns: the record and its identifier: a hash of the record without the time.
  public func record(
    of runs: [PlannedRun], asked: Date, keepsWeights: Bool = false
  ) -> (record: ExperimentRecord, id: String) {
    var points: [ExperimentRecord.Point] = []
    var known: [String: Int] = [:]
    func add(_ run: PlannedRun, to point: String, _ name: String?, _ budget: RunRecord.Budget?) {
      let own = ExperimentRecord.Run(seed: run.seed, id: run.id)
      if let index = known[point] {
        points[index].runs.append(own)
      } else {
        known[point] = points.count
        points.append(ExperimentRecord.Point(name: name, budget: budget, runs: [own]))
      }
    }
    for run in runs {
      add(run, to: run.point, run.ownName, run.budget)
      for twin in run.twins { add(run, to: twin.point, twin.ownName, twin.budget) }
    }
    let record = ExperimentRecord(
      name: name, question: question, asked: asked.formatted(.iso8601),
      experiment: json.canonicalText, points: points, source: file,
      reference: reference, keepsWeights: keepsWeights ? true : nil)
    return (record, Self.identifier(of: record))
  }

  /// What a record's file is called.
  static func identifier(of record: ExperimentRecord) -> String {
    RunIdentity.of(identity(of: record))
  }

  private static func identity(of record: ExperimentRecord) -> String {
    let points = record.points.map { point in
      JSON.object([
        "name": point.name.map(JSON.string) ?? .null,
        "budget": .array([
          point.budget.map { .string($0.quantity) } ?? .null,
          point.budget.map { .integer($0.target) } ?? .null,
        ]),
        "runs": .array(point.runs.map { .string($0.id) }),
      ])
    }
    var identity: [String: JSON] = [
      "name": .string(record.name), "experiment": .string(record.experiment),
      "points": .array(points),
    ]
    if record.keepsWeights == true { identity["keepsWeights"] = .bool(true) }
    return JSON.object(identity).canonicalText
  }

  /// The experiment's file as records have it, from the working directory where it lies therein;
  /// nil where there is none.
  var file: String? {
    guard FileManager.default.fileExists(atPath: source) else { return nil }
    let path = URL(fileURLWithPath: source).standardizedFileURL.path
    let here = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
  }

  /// The experiments that a results folder has records of, beside this one.
  ///
  /// - Returns: what another one is called, its file or else its name, nil where there is none; and
  ///   whether this one has a record there.
  public func experiments(in results: ResultsFolder) -> (other: String?, isOwn: Bool) {
    let records = ExperimentRecord.files(in: results.path).compactMap {
      try? ExperimentRecord(contentsOf: $0)
    }
    let other = records.first { !isOwn($0) }
    return (other.map { $0.source ?? $0.name }, records.contains(where: isOwn))
  }

  /// Whether a record is of this experiment. A file that is gone by now was this one, moved, where it
  /// had this name or said the same.
  private func isOwn(_ record: ExperimentRecord) -> Bool {
    let isThere = record.source.map(FileManager.default.fileExists) ?? false
    if isThere { return record.source == file && record.name == name }
    return record.name == name || record.experiment == json.canonicalText
  }
}
