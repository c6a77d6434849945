// SPDX-License-Identifier: Apache-2.0

/// How all plots look: restrained, readable, and told apart without red against green.
enum PlotStyle {
  static let ink = "#333333"
  static let faint = "#8A8A8A"
  /// Light enough to stay behind the data.
  static let grid = "#E4E4E4"

  /// For unordered series.
  ///
  /// Source: Okabe and Ito, "Color Universal Design", 2008.
  private static let categories = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]
  private static let markers = [7, 5, 9, 13, 11, 6, 4]
  /// Filled ones before open ones; circles, squares, triangles and diamonds. TikZ knows no others.
  private static let shapes = [7, 5, 9, 13, 11, 6, 4, 8, 12, 10]

  /// For points in order, dark to light, even in grey; its ends, which nobody tells from ink and
  /// from paper, are left out.
  ///
  /// Source: the viridis map of Smith and van der Walt, 2015.
  private static let sequence = [
    "#414487", "#355F8D", "#2A788E", "#21918C", "#22A884", "#44BF70",
    "#7AD151", "#A5DB36",
  ]

  static func category(_ index: Int) -> String { categories[index % categories.count] }

  /// Where colours come again, their markers are others.
  static func marker(_ index: Int) -> Int {
    markers[(index + index / categories.count) % markers.count]
  }

  /// One of more shapes than there are markers of series.
  static func shape(_ index: Int) -> Int { shapes[index % shapes.count] }

  /// The colour of the `index`-th of `count` ordered lines.
  static func sequential(_ index: Int, of count: Int) -> String {
    guard count > 1 else { return sequence[2] }
    return sequence[index * (sequence.count - 1) / (count - 1)]
  }

  /// A colour that lets what lies below shine through; `opacity` from 0 to 1.
  static func translucent(_ color: String, opacity: Double) -> String {
    let alpha = String(Int((1 - opacity) * 255), radix: 16, uppercase: true)
    return "#\(alpha.count < 2 ? "0" : "")\(alpha)\(color.dropFirst())"
  }

  /// Two open axes, a grid that only supports the eye, ticks outside; all texts are the canvas'.
  static func axes(_ canvas: PlotCanvas) -> String {
    """
    set border 3 linecolor rgb '\(faint)' linewidth \(canvas.stroke(0.8))
    set tics nomirror out scale \(Gnuplot.short(0.5 * canvas.scale)) format ''
    set grid ytics linetype 1 linecolor rgb '\(grid)' linewidth \(canvas.stroke(0.8))
    set errorbars \(Gnuplot.short(0.5 * canvas.scale))
    unset key
    """
  }

  /// A data block of rows.
  static func block(_ name: String, _ rows: [[Double]]) -> String {
    let lines = rows.map { $0.map(Gnuplot.number).joined(separator: " ") }
    return (["$\(name) << EOD"] + lines + ["EOD"]).joined(separator: "\n")
  }
}
