// SPDX-License-Identifier: Apache-2.0

/// A page with its title, its subtitle and its legend, and the room that they leave.
struct PlotPage {
  let width: Double
  let height: Double
  let font: Double
  /// Where the axes and what stands beside them go.
  let body: PlotArea
  /// What whoever draws must know: what was cut, and a page that is higher than one of paper.
  private(set) var notes: [String] = []
  private let title: [String]
  private let subtitle: [String]
  private let legend: PlotLegend

  private var margin: Double { 0.5 * font }
  private var titleSize: Double { Self.titleSize(font) }
  private var subtitleSize: Double { Self.subtitleSize(font) }
  private static func titleSize(_ font: Double) -> Double { 1.23 * font }
  private static func subtitleSize(_ font: Double) -> Double { 0.93 * font }

  /// - Parameters:
  ///   - width: where the size says none.
  ///   - bodyHeight: what a body of a width needs: `natural` where the size says no height, and
  ///     `least` without which nothing could be read.
  /// - Throws: where the height leaves less than that.
  init(
    size: PlotSize, width usualWidth: Double, title: String, subtitle: String,
    legend names: [(name: String, sample: PlotSample)],
    bodyHeight: (_ width: Double, _ font: Double) -> (natural: Double, least: Double)
  ) throws(ReportError) {
    width = size.width ?? usualWidth
    font = size.font(width: width)
    let margin = 0.5 * font
    let inside = width - 2 * margin
    let (large, small) = (Self.titleSize(font), Self.subtitleSize(font))
    self.title = size.hasTitle ? PlotText.wrapped(title, width: inside, size: large) : []
    self.subtitle = size.hasTitle ? PlotText.wrapped(subtitle, width: inside, size: small) : []
    legend = PlotLegend(names, page: width, font: font)
    for (name, text, lines) in [
      ("title", title, self.title), ("line under the title", subtitle, self.subtitle),
    ] where lines.last?.hasSuffix("…") == true && !text.hasSuffix("…") {
      notes.append("the \(name) was cut after \(lines.count) lines; a wider figure holds more")
    }
    let head =
      (Double(self.title.count) * large + Double(self.subtitle.count) * small)
      * PlotText.lineHeight + (size.hasTitle ? 0.8 * font : 0)
    let top = margin + head + (legend.isBeside ? 0 : legend.height)
    let (left, right) = (margin, width - margin - legend.width)
    let heights = bodyHeight(right - left, font)
    let beside = legend.isBeside ? legend.height : 0
    let most = max(heights.least, Self.mostHeight(width: width) - top - margin)
    height = size.height ?? top + max(min(heights.natural, most), beside) + margin
    if size.height == nil, height > Self.mostHeight(width: width) + 1 {
      notes.append(
        "the figure is \(Self.centimetres(height)) high and \(Self.centimetres(width)) wide, more "
          + "than a page holds; --where or --metric leaves panels out, --width makes room for more "
          + "beside each other")
    }
    body = PlotArea(left: left, right: right, top: top, bottom: height - margin)
    let least = max(heights.least, beside)
    guard body.height >= least - 1e-6, right - left >= 16 * font else {
      let (high, wide) = (top + least + margin, legend.width + 2 * margin + 16 * font)
      throw ReportError(
        "a plot of \(Self.centimetres(width)) × \(Self.centimetres(height)) with text of "
          + "\(Gnuplot.short(font)) pt leaves no room for its axes; it must be at least "
          + "\(Self.centimetres(max(width, wide), upwards: true)) wide and "
          + "\(Self.centimetres(max(height, high), upwards: true)) high, "
          + "or have smaller text or no title")
    }
  }

  /// No figure is higher unless it must: 1.4 times its width, or the width of a page of A4.
  private static func mostHeight(width: Double) -> Double { 1.4 * max(width, 595) }

  private static func centimetres(_ points: Double, upwards: Bool = false) -> String {
    let tenths = points / 72 * 25.4
    return "\(Gnuplot.short((upwards ? tenths.rounded(.up) : tenths.rounded()) / 10)) cm"
  }

  /// A canvas with everything but the body on it.
  func canvas(_ format: PlotFormat) -> PlotCanvas {
    var canvas = PlotCanvas(width: width, height: height, font: font, format: format)
    canvas.paragraph(title, at: PlotPlace(x: margin, y: margin), size: titleSize)
    let below = margin + Double(title.count) * titleSize * PlotText.lineHeight
    canvas.paragraph(
      subtitle, at: PlotPlace(x: margin, y: below), size: subtitleSize, color: PlotStyle.faint)
    let place =
      legend.isBeside
      ? PlotPlace(x: body.right + 1.5 * font, y: body.top)
      : PlotPlace(x: margin, y: body.top - legend.height)
    legend.draw(on: &canvas, at: place)
    return canvas
  }
}
