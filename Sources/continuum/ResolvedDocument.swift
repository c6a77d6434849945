// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Settings
import Tables

/// The complete configuration of every point of a sweep, and where each value comes from.
struct ResolvedDocument {
  enum Format: String, CaseIterable { case text, json }

  private let experiment: Experiment
  /// The runs of each point.
  private let points: [[PlannedRun]]

  init(_ experiment: Experiment, _ runs: [PlannedRun]) {
    self.experiment = experiment
    points = runs.reduce(into: []) { points, run in
      if points.last?.first?.point == run.point {
        points[points.count - 1].append(run)
      } else {
        points.append([run])
      }
    }
  }

  func rendered(as format: Format) -> String {
    switch format {
    case .text: points.map(text).joined(separator: "\n")
    case .json: JSONDocument.object([("points", .list(points.map(json)))]).rendered
    }
  }

  private func text(_ runs: [PlannedRun]) -> String {
    guard let run = runs.first else { return "" }
    var table = TextTable(["setting", "value", "from"])
    table.rows = experiment.settings(of: run).map { setting in
      [
        .text(setting.path), .text(Self.text(setting.value)),
        .text(setting.origin.rawValue),
      ]
    }
    return "\(run.point)\n\n\(table.rendered(as: .text))"
  }

  private static func text(_ value: JSON?) -> String {
    guard let value, value != .null else { return NumberText.absent }
    return value.canonicalText
  }

  private func json(_ runs: [PlannedRun]) -> JSONDocument {
    let settings = runs.first.map(experiment.settings) ?? []
    return .object([
      ("point", .text(runs.first?.point ?? "")),
      (
        "runs",
        .list(runs.map { .object([("seed", .integer($0.seed)), ("id", .text($0.id))]) })
      ),
      (
        "settings",
        .list(
          settings.map { setting in
            .object([
              ("path", .text(setting.path)), ("value", .value(setting.value ?? .null)),
              ("from", .text(setting.origin.rawValue)),
            ])
          })
      ),
    ])
  }
}
