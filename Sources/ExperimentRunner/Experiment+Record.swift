import Foundation
import Records
import Settings

extension Experiment {
  /// What is asked of a results folder, for `RESULTS/experiments/<id>.json`.
  ///
  /// - Parameters:
  ///   - runs: those of this experiment, as `plan` gives them.
  ///   - asked: when.
  /// - Returns: the record and its identifier: a hash of the record without the time.
  public func record(
    of runs: [PlannedRun], asked: Date
  ) -> (record: ExperimentRecord, id: String) {
    var points: [ExperimentRecord.Point] = []
    var known: [String: Int] = [:]
    for run in runs {
      let own = ExperimentRecord.Run(seed: run.seed, id: run.id)
      if let index = known[run.point] {
        points[index].runs.append(own)
      } else {
        known[run.point] = points.count
        points.append(ExperimentRecord.Point(name: run.ownName, budget: run.budget, runs: [own]))
      }
    }
    let record = ExperimentRecord(
      name: name, question: question, asked: asked.formatted(.iso8601),
      experiment: json.canonicalText, points: points, source: file,
      reference: reference)
    return (record, RunIdentity.of(Self.identity(of: record)))
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
    return JSON.object([
      "name": .string(record.name), "experiment": .string(record.experiment),
      "points": .array(points),
    ]).canonicalText
  }

  /// The experiment's file as records have it, from the working directory where it lies therein;
  /// nil where there is none.
  var file: String? {
    guard FileManager.default.fileExists(atPath: source) else { return nil }
    let path = URL(fileURLWithPath: source).standardizedFileURL.path
    let here = FileManager.default.currentDirectoryPath + "/"
    return path.hasPrefix(here) ? String(path.dropFirst(here.count)) : path
  }

  /// What another experiment that a results folder has records of is called: its file, or else its
  /// name. Nil where there is none. A file that is gone by now was this one, moved.
  public func otherExperiment(in results: ResultsFolder) -> String? {
    let records = ExperimentRecord.files(in: results.path).compactMap {
      try? ExperimentRecord(contentsOf: $0)
    }
    let other = records.first { record in
      guard record.name == name, let source = record.source else { return record.name != name }
      return source != file && FileManager.default.fileExists(atPath: source)
    }
    return other.map { $0.source ?? $0.name }
  }
}
