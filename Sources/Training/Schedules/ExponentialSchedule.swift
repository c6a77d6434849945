// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// Multiplied by `factor` at the end of every `everyEpochs` epochs:
/// `{"kind": "exponential", "factor": 0.94, "everyEpochs": 2}`.
///
/// Source: the paper, section 4.2.
struct ExponentialSchedule: ScheduleShape {
  static let key = "exponential"
  private let factor: Double
  private let everyEpochs: Double

  init(_ fields: inout Fields) throws(SettingsError) {
    factor = try fields.number("factor", default: 0.94, in: 0...1, "what the rate is multiplied by")
    everyEpochs = try fields.number(
      "everyEpochs", default: 2, in: 0.001...10_000, "epochs from one factor to the next")
  }

  func factor(epoch: Double, warmup: Double, epochs: Double) -> Double {
    pow(factor, (epoch / everyEpochs).rounded(.down))
  }
}
