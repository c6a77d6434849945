// SPDX-License-Identifier: Apache-2.0

import Datasets
import Engine
import Settings
import Training

/// Options of training that mean nothing for some data, networks or beginnings.
struct TrainingOptions {
  private let training: TrainingSettings
  private let source: String

  init(_ training: TrainingSettings, source: String) {
    (self.training, self.source) = (training, source)
  }

  /// - Throws: the first option that the point cannot have, with the rule.
  func check(
    _ data: DatasetDescription, _ graph: Graph, _ transfer: Transfer?
  ) throws(SettingsError) {
    if training.testTimeFlip, data.origin == .code {
      throw error("testTimeFlip", "must be absent: a mirrored texture leaves its class")
    }
    if transfer != nil, let name = training.firstKernels.name {
      throw error(name, "must be absent beside transfer: the file's weights take its place")
    }
    guard training.firstKernels.whitenStem else { return }
    do {
      try graph.checkWhitening()
    } catch {
      throw self.error("whiteningStem", "cannot be: \(error.rule)")
    }
  }

  private func error(_ name: String, _ rule: String) -> SettingsError {
    SettingsError(source: source, field: "training.\(name)", value: "true", rule: rule)
  }
}
