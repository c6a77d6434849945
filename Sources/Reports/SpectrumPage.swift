// SPDX-License-Identifier: Apache-2.0

/// A page whose horizontal axis is the spectrum, or a grid of rates: one place a block, number of
/// segments or value.
struct SpectrumPage {
  let page: PlotPage
  /// What the axes enclose.
  let area: PlotArea
  private let positions: [SpectrumPosition]
  private let categories: CategoryAxis
  private let axisTitle: [String]
  private let values: ValueAxis
  private let gutter: Double
  private let titleHeight: Double

  static let usualWidth = 720.0

  static let spectrum = [
    "segments into which the spatial convolution cuts the channels", "channel segments",
  ]

  init(
    size: PlotSize, title: String, subtitle: String,
    legend: [(name: String, sample: PlotSample)], positions: [SpectrumPosition], values: ValueAxis,
    axisTitles: [String] = SpectrumPage.spectrum
  ) throws(ReportError) {
    self.positions = positions
    self.values = values
    page = try PlotPage(
      size: size, width: Self.usualWidth, title: title, subtitle: subtitle, legend: legend
    ) { width, font in
      let layout = Layout(
        positions, values, axisTitles, width: width, height: 7 * font, font: font)
      let beneath = layout.beneath(font: font)
      return (max(min(0.6 * width, 35 * font), 9 * font + beneath), 7 * font + beneath)
    }
    let narrow = Layout(
      positions, values, axisTitles, width: page.body.width, height: 7 * page.font, font: page.font)
    // A higher plot has fewer lines of title beside it, hence more room for names below it.
    titleHeight = page.body.height - narrow.beneath(font: page.font)
    let layout = Layout(
      positions, values, axisTitles, width: page.body.width, height: titleHeight, font: page.font)
    (categories, axisTitle, gutter) = (layout.categories, layout.axisTitle, layout.gutter)
    area = PlotArea(
      left: page.body.left + gutter, right: page.body.right - 0.3 * page.font,
      top: page.body.top + 0.5 * page.font,
      bottom: page.body.bottom - layout.beneath(font: page.font))
  }

  /// What stands beside and below the axes, which follows from the width alone.
  private struct Layout {
    let categories: CategoryAxis
    let axisTitle: [String]
    let gutter: Double

    init(
      _ positions: [SpectrumPosition], _ values: ValueAxis, _ titles: [String], width: Double,
      height: Double, font: Double
    ) {
      gutter = values.gutter(height: height, font: font)
      let inside = width - gutter - 0.3 * font
      categories = CategoryAxis(
        positions, width: inside, room: (0.8 * gutter, 0.3 * font), font: font)
      axisTitle = [
        titles.first { PlotText.width($0, size: font) < inside } ?? titles[titles.count - 1]
      ]
    }

    /// The room for names and title below the axes, and half a line above them.
    func beneath(font: Double) -> Double {
      0.9 * font + categories.height + 0.4 * font + PlotText.lineHeight * font
    }
  }

  /// A canvas with the axes on it; a place's number is 1 more than its index.
  func canvas(_ format: PlotFormat) -> PlotCanvas {
    var canvas = page.canvas(format)
    canvas.frame(area)
    let top = area.bottom + 0.9 * page.font
    categories.draw(on: &canvas, below: area, at: top)
    canvas.paragraph(
      axisTitle,
      at: PlotPlace(x: (area.left + area.right) / 2, y: top + categories.height + 0.4 * page.font),
      .center)
    values.draw(on: &canvas, at: area, gutter: gutter, titleHeight: titleHeight)
    let marks = positions.indices.map { "'' \($0 + 1)" }
    canvas.add("set xtics (\(marks.joined(separator: ", ")))")
    canvas.add("set xrange [0.5:\(positions.count).5]")
    return canvas
  }
}
