// SPDX-License-Identifier: Apache-2.0

import Datasets
import Records
import Settings

/// Whether runs are those that this program plans, and whether the data at hand are those that they saw.
extension ResultsVerification {
  mutating func planRuns(data directory: String?) {
    let places = RecordedPlaces(experiments)
    var unplanned: [String: Int] = [:]
    for index in runs.indices {
      let record = runs[index].record
      do throws(SettingsError) {
        let plan = try PlannedRun(recorded: record, places: places, directory: directory)
        runs[index].plan = plan
        let cost = plan.graph.cost
        guard
          (cost.trainableParameters, cost.nonTrainableParameters, cost.multiplyAdds)
            == (
              record.cost.trainableParameters, record.cost.nonTrainableParameters,
              record.cost.multiplyAdds
            )
        else {
          faults.append(
            Fault(
              file: runs[index].file,
              reason: "its network costs \(cost.trainableParameters) parameters and "
                + "\(cost.multiplyAdds) multiply-adds, not what it says"))
          continue
        }
      } catch {
        let reason = "\(error.field.isEmpty ? "" : "\(error.field): ")\(error.rule)"
        unplanned[reason, default: 0] += 1
      }
    }
    for (reason, count) in unplanned.sorted(by: { $0.key < $1.key }) {
      notes.append("\(count) of the runs cannot be made again here: \(reason)")
    }
  }

  /// Compares the digests that runs recorded of data in files with those of the files.
  mutating func compareData(_ directory: String?) {
    let inFiles = runs.indices.filter { runs[$0].plan.map { $0.data.origin != .code } ?? false }
    let groups = Dictionary(grouping: inFiles) { runs[$0].plan?.data }
    for (data, own) in groups.sorted(by: { $0.value[0] < $1.value[0] }) {
      guard let data else { continue }
      let kind = data.kind
      let digest: String?
      do throws(DatasetError) {
        guard data.isAtHand(directory: directory) else {
          for index in own { runs[index].lacksData = true }
          notes.append("\(kind) data not at hand: not compared with what \(own.count) runs saw")
          continue
        }
        digest = try data.load(directory: directory, hashing: .anew).digest
      } catch {
        for index in own { runs[index].lacksData = true }
        faults.append(
          Fault(
            file: error.file,
            reason: [error.value, error.rule].filter { !$0.isEmpty }
              .joined(separator: "; ")))
        continue
      }
      compare(own, with: digest ?? "", kind, at: data.place(directory: directory))
    }
  }

  private mutating func compare(
    _ own: [Int], with digest: String, _ kind: String, at place: String
  ) {
    let recorded = own.filter { runs[$0].record.data != nil }
    for index in recorded where runs[index].record.data?.digest != digest {
      runs[index].lacksData = true
      let seen = runs[index].record.data?.digest.prefix(16) ?? ""
      faults.append(
        Fault(
          file: runs[index].file,
          reason: "saw \(kind) data with the SHA-256 \(seen)…, and those at \(place) have "
            + "\(digest.prefix(16))…"))
    }
    let same = recorded.count { !runs[$0].lacksData }
    if same > 0 { confirmed.append("\(kind) data at \(place): those that \(same) runs saw") }
    let untold = own.count - recorded.count
    if untold > 0 {
      notes.append("\(untold) runs of \(kind) recorded no digest of their data (before 2026-12)")
    }
  }
}
