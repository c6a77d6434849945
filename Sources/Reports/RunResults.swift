// SPDX-License-Identifier: Apache-2.0

import Records
import Tables

/// What came out of a run, whatever the age of its file.
extension RunRecord {
  /// Final metrics, of which a run that failed has none. Files of before 2026-12 hold those of the
  /// test alone; the others are the last values of their curves.
  var results: [String: Double] {
    guard failure == nil else { return [:] }
    var results = metrics
    for set in ["train", "validation", "test"] {
      for measure in ["loss", "top1", "top5"] where results["\(set)/\(measure)"] == nil {
        results["\(set)/\(measure)"] = curves["\(set)/\(measure)"]?.last
      }
    }
    return results
  }

  /// One of `results`; nil where there is none.
  func result(_ key: String) -> Double? {
    guard failure == nil else { return nil }
    if let value = metrics[key] { return value }
    let parts = key.split(separator: "/")
    guard parts.count == 2, ["train", "validation", "test"].contains(parts[0]),
      ["loss", "top1", "top5"].contains(parts[1])
    else { return nil }
    return curves[key]?.last
  }

  /// Whether two files tell the same of one run; who asked for it, and where it ran, may differ, and
  /// one of another version may hold metrics that the other does not know.
  func agrees(with other: RunRecord) -> Bool {
    configuration == other.configuration && status == other.status
      && (predictions == nil || other.predictions == nil || predictions == other.predictions)
      && Self.isSame(results.mapValues { [$0] }, other.results.mapValues { [$0] })
      && Self.isSame(curves, other.curves)
  }

  /// Bit for bit, so that what is not a number equals itself.
  private static func isSame(_ first: [String: [Double]], _ second: [String: [Double]]) -> Bool {
    first.allSatisfy { key, values in
      second[key].map { $0.map(\.bitPattern) == values.map(\.bitPattern) } ?? true
    }
  }

  /// The most runs that were side by side on the machine; nil where that is not known.
  var jobs: Int? { provenance.sessions.map(\.jobs).max() }
}
