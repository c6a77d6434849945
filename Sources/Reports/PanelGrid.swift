// SPDX-License-Identifier: Apache-2.0

/// Where the panels of training curves lie: a column a series and a row a curve; where a page is
/// too narrow for all series, the rest goes below. A single series has its curves side by side.
struct PanelGrid {
  /// Titles and ranges of the curves' axes.
  let curves: [String]
  let ranges: [(low: Double, high: Double)]
  let series: [String]

  struct Panel {
    let curve: Int
    let series: Int
    let area: PlotArea
    /// The room for the axis' numbers and title; nil where a neighbour has them.
    let gutter: Double?
    /// The series' name above, and whether "epoch" stands below.
    let heading: [String]
    let hasEpochs: Bool
  }

  private var isSingle: Bool { series.count == 1 }
  private static let leastHeight = 6.0
  /// What a vertical title may take: a little more than its panel, whose neighbours lie farther.
  private static let titleHeight = 8.0
  private static let gap = 1.2

  private func axis(_ curve: Int) -> ValueAxis {
    ValueAxis(title: curves[curve], low: ranges[curve].low, high: ranges[curve].high)
  }

  private func gutter(_ font: Double) -> Double {
    curves.indices.map { axis($0).gutter(height: Self.titleHeight * font, font: font) }.max() ?? 0
  }

  /// The width at which a panel is as wide as it looks best.
  func usualWidth(_ font: Double) -> Double {
    let columns = isSingle ? min(2, curves.count) : min(4, series.count)
    return max(570, Double(columns) * 29 * font + 14 * font)
  }

  private func columns(width: Double, font: Double) -> Int {
    let gutter = gutter(font)
    let most =
      isSingle
      ? (width + Self.gap * font) / (gutter + (Self.gap + 9) * font)
      : (width - gutter) / ((Self.gap + 8.5) * font)
    let count = isSingle ? curves.count : series.count
    let columns = min(count, max(1, Int(most)), isSingle ? 2 : 8)
    // No row has fewer than it must: nine are five and four, not eight and one.
    let rows = (count + columns - 1) / max(columns, 1)
    return (count + rows - 1) / max(rows, 1)
  }

  private func panelWidth(width: Double, font: Double) -> Double {
    let columns = Double(columns(width: width, font: font))
    let gutters = isSingle ? columns * gutter(font) : gutter(font)
    return (width - gutters - columns * Self.gap * font) / columns
  }

  /// The curves and series of the panels, row by row.
  private func rows(width: Double, font: Double) -> [[(curve: Int, series: Int)]] {
    let columns = columns(width: width, font: font)
    func chunks(_ count: Int) -> [Range<Int>] {
      stride(from: 0, to: count, by: columns).map { $0..<min($0 + columns, count) }
    }
    if isSingle { return chunks(curves.count).map { $0.map { ($0, 0) } } }
    return chunks(series.count).flatMap { chunk in
      curves.indices.map { curve in chunk.map { (curve, $0) } }
    }
  }

  private func heading(_ series: Int, width: Double, font: Double) -> [String] {
    PlotText.wrapped(self.series[series], width: width, size: font, lines: 3)
  }

  /// What a row needs beside its axes: headings above, numbers and perhaps "epoch" below.
  private func beside(
    _ row: [(curve: Int, series: Int)], width: Double, font: Double
  ) -> (above: Double, below: Double) {
    let panel = panelWidth(width: width, font: font)
    let isFirst = !isSingle && row.allSatisfy { $0.curve == 0 }
    let lines =
      isFirst
      ? row.map { heading($0.series, width: panel, font: font).count }.max() ?? 0 : 0
    let line = PlotText.lineHeight * font
    let above = Double(lines) * line + 0.6 * font
    let hasEpochs = isSingle || row.allSatisfy { $0.curve == curves.count - 1 }
    return (above, 0.8 * font + line + (hasEpochs ? line + 0.7 * font : 0.3 * font))
  }

  /// What a body of a width needs.
  func heights(width: Double, font: Double) -> (natural: Double, least: Double) {
    let rows = rows(width: width, font: font)
    let beside = rows.reduce(0.0) { sum, row in
      let room = self.beside(row, width: width, font: font)
      return sum + room.above + room.below
    }
    let panel = panelWidth(width: width, font: font)
    let natural = min(max(0.62 * panel, 8 * font), 15 * font)
    let count = Double(rows.count)
    return (beside + count * natural, beside + count * Self.leastHeight * font)
  }

  func panels(_ page: PlotPage) -> [Panel] {
    let (width, font) = (page.body.width, page.font)
    let rows = rows(width: width, font: font)
    let gutter = gutter(font)
    let panel = panelWidth(width: width, font: font)
    let rooms = rows.map { beside($0, width: width, font: font) }
    let taken = rooms.reduce(0.0) { $0 + $1.above + $1.below }
    let height = (page.body.height - taken) / Double(rows.count)
    var top = page.body.top
    var panels: [Panel] = []
    for (row, room) in zip(rows, rooms) {
      top += room.above
      var left = page.body.left
      for (column, cell) in row.enumerated() {
        let hasGutter = isSingle || column == 0
        left += hasGutter ? gutter : 0
        panels.append(
          Panel(
            curve: cell.curve, series: cell.series,
            area: PlotArea(left: left, right: left + panel, top: top, bottom: top + height),
            gutter: hasGutter ? gutter : nil,
            heading: isSingle || cell.curve > 0
              ? [] : heading(cell.series, width: panel, font: font),
            hasEpochs: isSingle || cell.curve == curves.count - 1))
        left += panel + Self.gap * font
      }
      top += height + room.below
    }
    return panels
  }

  /// A panel's axes and texts.
  func draw(
    _ panel: Panel, epochs: (first: Double, last: Double), on canvas: inout PlotCanvas
  ) {
    let (font, area) = (canvas.font, panel.area)
    canvas.frame(area)
    let height = Self.titleHeight * font
    axis(panel.curve).draw(on: &canvas, at: area, gutter: panel.gutter, titleHeight: height)
    let line = PlotText.lineHeight * font
    let middle = (area.left + area.right) / 2
    let above = area.top - 0.3 * font - Double(panel.heading.count) * line
    canvas.paragraph(panel.heading, at: PlotPlace(x: middle, y: above), .center)
    let margin = max(0.5, 0.03 * (epochs.last - epochs.first))
    let (low, high) = (
      epochs.first.rounded(.down) - margin, epochs.last.rounded(.up) + margin
    )
    canvas.add("set xrange [\(low):\(high)]")
    let widest = PlotText.width("\(Int(min(high, 1e15)))", size: font)
    let ticks = PlotTicks.whole(
      from: low, to: high, most: max(1, Int(area.width / (widest + 1.5 * font))))
    canvas.add("set xtics (\(ticks.values.map { "'' \($0)" }.joined(separator: ", ")))")
    for (value, text) in zip(ticks.values, ticks.texts) {
      let x = area.left + (value - low) / (high - low) * area.width
      canvas.text(text, at: PlotPlace(x: x, y: area.bottom + 0.8 * font + line / 2), .center)
    }
    guard panel.hasEpochs else { return }
    let below = PlotPlace(x: middle, y: area.bottom + 1.0 * font + 1.5 * line)
    canvas.text("epoch", at: below, .center)
  }
}
