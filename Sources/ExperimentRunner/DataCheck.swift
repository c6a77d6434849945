// SPDX-License-Identifier: Apache-2.0

import Datasets
import Records

/// Sees whether runs that are done or begun saw the data that lie in files now.
///
/// Data that are made in code follow from the run's settings, and runs of before 2026-12 recorded no
/// digest: neither is compared, but for published data with what was published.
public struct DataCheck {
  private let results: ResultsFolder

  public init(_ results: ResultsFolder) {
    self.results = results
  }

  /// - Parameter directory: the folder of data sets; where a set is not at hand, nothing is compared.
  /// - Returns: what could not be compared, one sentence each.
  /// - Throws: the first run that saw other data, or data that are damaged.
  @discardableResult
  public func check(
    _ runs: [PlannedRun], directory: String?
  ) throws(DatasetError) -> [String] {
    var notes: [String] = []
    for (data, own) in Dictionary(grouping: runs, by: \.data) where data.origin != .code {
      let before = own.filter { results.isDone($0.id) || results.isBegun($0.id) }
      let seen = before.compactMap { run in recorded(run).map { (run: run, digest: $0) } }
      // Published data are compared with what was published, even where no run tells what it saw.
      guard !seen.isEmpty || (data.isPublished && !before.isEmpty) else { continue }
      guard let digest = try data.digestAtHand(directory: directory) else {
        notes.append("\(data.kind) data not at hand: not compared with what runs saw")
        continue
      }
      for (run, recorded) in seen {
        try compare(recorded, with: digest, of: run, at: data.place(directory: directory))
      }
    }
    return Set(notes).sorted()
  }

  /// - Throws: where both digests are known and differ.
  func compare(
    _ recorded: String?, with found: String?, of run: PlannedRun, at place: String? = nil
  ) throws(DatasetError) {
    guard let recorded, let found, recorded != found else { return }
    let file = results.isDone(run.id) ? results.run(run.id) : results.checkpoint(run.id)
    throw DatasetError(
      file: file,
      value: "saw \(run.data.kind) data with the SHA-256 \(recorded.prefix(16))…, and "
        + "those \(place.map { "at \($0)" } ?? "at hand") have \(found.prefix(16))…",
      rule: "restore the data, name another results folder with --results, or say under "
        + "data.variant how these data differ")
  }

  /// The digest in the run's file, or in its checkpoint; nil where neither tells one.
  private func recorded(_ run: PlannedRun) -> String? {
    if results.isDone(run.id) { return try? RunRecord.dataDigest(inFile: results.run(run.id)) }
    guard results.isBegun(run.id) else { return nil }
    return try? Checkpoint.dataDigest(inFile: results.checkpoint(run.id))
  }
}
