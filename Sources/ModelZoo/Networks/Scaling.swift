// SPDX-License-Identifier: Apache-2.0

import Engine
import Settings

/// How a published network is scaled: all its widths by one factor, and its stem for small images.
///
/// Options: `widthMultiplier` (1), `small` (false), the adaptation to images of about 32×32, which
/// each network's documentation states.
struct Scaling {
  let widthMultiplier: Double
  let isSmall: Bool

  init(_ fields: inout Fields) throws(SettingsError) {
    widthMultiplier = try fields.number(
      "widthMultiplier", default: 1, in: 0.001...64, "every published width times this")
    isSmall = try fields.bool(
      "small", default: false, "whether it is adapted to images of about 32×32")
  }

  /// A published width, scaled and rounded to the nearest whole number of channels, at least 1.
  func callAsFunction(_ channels: Int) -> Int {
    max(1, Int((Double(channels) * widthMultiplier).rounded()))
  }

  /// The published square images with a given side, or 32×32 for the small variant.
  func usualInput(side: Int) -> Shape {
    let side = isSmall ? 32 : side
    return Shape(height: side, width: side, channels: 3)
  }

  var usualClasses: Int { isSmall ? 10 : 1000 }
}
