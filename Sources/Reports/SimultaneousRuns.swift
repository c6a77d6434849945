// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// Which runs were made while another one was: their times are not those of a machine of their own.
enum SimultaneousRuns {
  /// A session of a run, in seconds since some day.
  private struct Stretch {
    let id: String
    let begin, end: Double
  }

  /// Their identifiers, as far as the runs at hand tell: those whose sessions overlap on one kind of
  /// processor. Sessions are dated to the second, so that less than one does not count.
  static func identifiers(of runs: [RunRecord]) -> Set<String> {
    var stretches: [String: [Stretch]] = [:]
    for run in runs {
      for session in run.provenance.sessions {
        guard let start = try? Date(session.started, strategy: .iso8601) else { continue }
        let begin = start.timeIntervalSinceReferenceDate
        stretches[session.processor, default: []].append(
          Stretch(id: run.id, begin: begin + 1, end: begin + session.seconds))
      }
    }
    return stretches.values.reduce(into: []) { $0.formUnion(overlapping($1)) }
  }

  /// Only the latest end so far has to be known: whatever overlaps an earlier one overlaps it, too,
  /// or was found to overlap another before.
  private static func overlapping(_ stretches: [Stretch]) -> Set<String> {
    var found: Set<String> = []
    var latest: Stretch?
    for stretch in stretches.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) })
    where stretch.begin < stretch.end {
      if let latest, stretch.begin < latest.end, stretch.id != latest.id {
        found.formUnion([stretch.id, latest.id])
      }
      if stretch.end > latest?.end ?? -.infinity { latest = stretch }
    }
    return found
  }
}
