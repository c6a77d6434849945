// SPDX-License-Identifier: Apache-2.0

import ExperimentRunner
import Foundation
import Settings

extension Sweep {
  /// Sees whether the epochs whose weights are to be kept are any of the runs'.
  ///
  /// - Throws: where one lies behind the last epoch of every run.
  func checkKeptEpochs(_ standings: Standings, _ console: Console) throws(SettingsError) {
    guard let last = keptEpochs.last else { return }
    let most = standings.runs.map(\.training.epochs).max() ?? 0
    guard last <= most else {
      throw SettingsError(
        source: "--keep-epochs", field: "", value: "\(last)",
        rule: "must be at most \(most), the epochs of training")
    }
    let without = standings.runs.filter(standings.isDone).count { run in
      keptEpochs.contains { epoch in
        epoch <= run.training.epochs
          && !FileManager.default.fileExists(atPath: results.weights(of: run.id, epoch: epoch))
      }
    }
    guard without > 0 else { return }
    console.note(
      "\(without) finished run\(without == 1 ? " has" : "s have") no weights of these epochs; "
        + "--again with \(without == 1 ? "its identifier" : "their identifiers") makes "
        + "\(without == 1 ? "it" : "them") again")
  }
}
