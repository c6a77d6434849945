// SPDX-License-Identifier: Apache-2.0

import Settings

/// The rate as it is: `{"kind": "constant"}`.
struct ConstantSchedule: ScheduleShape {
  static let key = "constant"

  init(_ fields: inout Fields) {}

  func factor(epoch: Double, warmup: Double, epochs: Double) -> Double { 1 }
}
