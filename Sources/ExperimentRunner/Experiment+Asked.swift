import Foundation
import Records
import Settings

extension Experiment {
  /// Writes down beside the runs what is asked of the results folder.
  public func writeAsked(of runs: [PlannedRun], in results: ResultsFolder) throws {
    var points: [ExperimentRecord.Point] = []
    var places: [String: Int] = [:]
    for run in runs {
      let own = ExperimentRecord.Run(seed: run.seed, id: run.id)
      let point = PlannedRun.withoutSeed(run.configuration)
      if let place = places[point] {
        points[place].runs.append(own)
      } else {
        places[point] = points.count
        points.append(ExperimentRecord.Point(budget: run.budget, runs: [own]))
      }
    }
    let record = ExperimentRecord(
      name: name, question: question, asked: Date().formatted(.iso8601),
      experiment: json.canonicalText, points: points)
    let ids = runs.map(\.id).joined(separator: " ")
    try record.write(in: results.path, id: RunIdentity.of("\(name) \(line) \(ids)"))
  }
}

extension PlannedRun {
  /// A run's configuration without its seed: what runs of one point have in common.
  public static func withoutSeed(_ configuration: String) -> String {
    guard case .object(var fields)? = try? JSON(text: configuration, source: "the run") else {
      return configuration
    }
    fields["seed"] = nil
    return JSON.object(fields).canonicalText
  }
}
