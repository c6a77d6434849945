// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Reports
import Settings

extension Experiment {
  /// Sees whether the reference is one that tables can compare with, before anything is trained.
  ///
  /// - Throws: where it does not name exactly one row for every setting that is left.
  func checkReference(_ runs: [PlannedRun]) throws(SettingsError) {
    guard let reference else { return }
    do {
      try rows(of: runs).check(reference: reference)
    } catch {
      throw SettingsError(
        source: source, field: "reference", value: "\"\(reference)\"",
        rule: "must name one arm of every setting that is left: \(error)")
    }
  }

  /// How many arms are compared with each other, at the most; one where there is nothing to compare.
  public func comparedArms(_ runs: [PlannedRun]) -> Int {
    (try? rows(of: runs))?.largestFamily(reference: reference) ?? 1
  }

  private func rows(of runs: [PlannedRun]) throws(ReportError) -> PlannedRows {
    try PlannedRows(
      runs.filter { $0.seed == seeds.first }.map(foreseen),
      asked: record(of: runs, asked: Date()).record)
  }

  /// The run file of a run as far as it is known before.
  private func foreseen(_ run: PlannedRun) -> RunRecord {
    let cost = run.graph.cost
    return RunRecord(
      id: run.id, experiment: name, configuration: run.configuration, labels: run.labels,
      seed: run.seed, status: .finished,
      cost: RunRecord.Cost(
        trainableParameters: cost.trainableParameters,
        nonTrainableParameters: cost.nonTrainableParameters, multiplyAdds: cost.multiplyAdds),
      budget: run.budget,
      provenance: RunRecord.Provenance(
        commit: "", version: "", processor: "", blasKernels: "", threads: 0, started: "",
        seconds: 0))
  }
}
