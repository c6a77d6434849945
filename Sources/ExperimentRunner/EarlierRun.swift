// SPDX-License-Identifier: Apache-2.0

import Records

/// What a run's file says, as far as making the run again has to do with it.
struct EarlierRun {
  /// Nil where the file cannot be read.
  let record: RunRecord?
  let hasWeights: Bool

  init(_ path: String) {
    record = try? RunRecord(contentsOf: path, reading: [])
    hasWeights = record != nil && RunStanding.hasWeights(path)
  }

  /// In what the results of the same run, made anew, are others; nil where every bit is the same.
  func difference(from new: EarlierRun) -> String? {
    guard let old = record, let new = new.record, old.status == .finished else { return nil }
    let names = Set(old.metrics.keys).intersection(new.metrics.keys).sorted()
    let changed = names.compactMap { name -> String? in
      guard let before = old.metrics[name], let now = new.metrics[name],
        before.bitPattern != now.bitPattern
      else { return nil }
      return "\(name) was \(before) and is \(now)"
    }
    guard !changed.isEmpty else { return nil }
    let (before, now) = (old.provenance, new.provenance)
    let place =
      (before.processor, before.blasKernels) == (now.processor, now.blasKernels)
      ? "both on \(now.processor)"
      : "\(before.processor) (\(before.blasKernels)) before, "
        + "\(now.processor) (\(now.blasKernels)) now, whose sums round differently"
    return "\(changed.joined(separator: ", ")); \(place)"
  }
}
