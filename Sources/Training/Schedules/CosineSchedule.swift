// SPDX-License-Identifier: Apache-2.0

import Foundation
import Settings

/// Half a cosine from the end of the warm-up down to `finalFraction`:
/// `{"kind": "cosine", "warmupEpochs": 1, "finalFraction": 0}`.
///
/// Source: Loshchilov and Hutter, 2017.
struct CosineSchedule: ScheduleShape {
  static let key = "cosine"
  private let finalFraction: Double

  init(_ fields: inout Fields) throws(SettingsError) {
    finalFraction = try fields.number(
      "finalFraction", default: 0, in: 0...1, "share of the rate that is left at the end")
  }

  func factor(epoch: Double, warmup: Double, epochs: Double) -> Double {
    let done = min(1, (epoch - warmup) / max(epochs - warmup, 1e-9))
    return finalFraction + (1 - finalFraction) * 0.5 * (1 + cos(Double.pi * done))
  }
}
