// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings
import Training

extension PlannedRun {
  /// Images left out of every epoch, others each time: they fill no batch.
  public var droppedImagesPerEpoch: Int { training.droppedImages(of: data.trainedImageCount) }

  /// One sentence about them, or nil where there are none.
  public var droppedImagesNote: String? {
    training.droppedImagesNote(of: data.trainedImageCount)
  }
}

extension Graph {
  /// - Throws: where a batch norm would take its mean over a single value, which trains nothing.
  func checkBatchStatistics(
    of training: TrainingSettings, source: String
  ) throws(SettingsError) {
    do {
      try checkBatchStatistics(batch: training.batch)
    } catch {
      throw SettingsError(
        source: source, field: "training.batch", value: "\(training.batch)",
        rule: "must be larger: \(error)")
    }
  }
}
