// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The vertical axis of a plot: its range, its title, and the room that both take.
struct ValueAxis {
  let title: String
  let low: Double
  let high: Double
  var isLogarithmic = false

  /// The room that its numbers and its title take, the title no longer than a height.
  func gutter(height: Double, font: Double) -> Double {
    let numbers =
      isLogarithmic
      ? ticks(height: height, font: font).width(size: font)
      : PlotTicks.widest(from: low, to: high, size: font)
    let lines = Double(titleLines(height: height, font: font).count)
    return numbers + font + lines * PlotText.lineHeight * font + 0.3 * font
  }

  func ticks(height: Double, font: Double) -> PlotTicks {
    let most = min(10, max(2, Int(height / (2.4 * font))))
    return isLogarithmic
      ? PlotTicks.logarithmic(from: low, to: high, most: most)
      : PlotTicks.round(from: low, to: high, most: most)
  }

  /// How far down an area a value lies.
  func place(_ value: Double, in area: PlotArea) -> Double {
    let share =
      isLogarithmic ? log(value / low) / log(high / low) : (value - low) / (high - low)
    return area.bottom - share * area.height
  }

  private func titleLines(height: Double, font: Double) -> [String] {
    PlotText.wrapped(title, width: height, size: font, lines: 2)
  }

  /// - Parameters:
  ///   - gutter: the room at the left of `area` that it may take; nil for ticks without text.
  ///   - titleHeight: the height that `gutter` was computed for.
  func draw(
    on canvas: inout PlotCanvas, at area: PlotArea, gutter: Double?, titleHeight: Double
  ) {
    let font = canvas.font
    let ticks = ticks(height: area.height, font: font)
    let marks = ticks.values.map { "'' \(Gnuplot.number($0))" }
    canvas.add("set ytics (\(marks.joined(separator: ", ")))")
    canvas.add("set yrange [\(low):\(high)]")
    canvas.add(isLogarithmic ? "set logscale y" : "unset logscale y")
    guard let gutter else { return }
    for (value, text) in zip(ticks.values, ticks.texts) {
      let place = PlotPlace(x: area.left - 0.8 * font, y: place(value, in: area))
      canvas.text(text, at: place, .right)
    }
    let line = PlotText.lineHeight * font
    for (index, text) in titleLines(height: titleHeight, font: font).enumerated() {
      let x = area.left - gutter + (Double(index) + 0.5) * line
      let y = (area.top + area.bottom) / 2
      canvas.text(text, at: PlotPlace(x: x, y: y), .center, isUpright: true)
    }
  }
}
