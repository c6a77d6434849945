import Tables

/// The script of accuracies over learning rates: one line an arm.
struct RatePlot {
  private let table: RateTable
  private let size: PlotSize

  init(_ table: RateTable, size: PlotSize) {
    (self.table, self.size) = (table, size)
  }

  func picture(_ format: PlotFormat = .svg) throws(ReportError) -> PlotPicture {
    let rates = table.rates
    let bars = table.arms.flatMap(\.trials).compactMap(\.statistics)
    let scale = table.metric.scale
    let means = bars.map { $0.mean * scale }
    let (least, most) = (means.min() ?? 0, means.max() ?? 1)
    let span = max(most - least, 1)
    // Intervals of few seeds are wide: the means are what is to be read.
    let page = try SpectrumPage(
      size: size, title: "How does \(table.metric.name) depend on the \(table.title)?",
      subtitle: table.table.subtitle + " · mean with 95 % interval, cut at the frame",
      legend: table.arms.indices.map { index in
        (
          table.arms[index].name,
          PlotSample(line: Self.line(index), marker: PlotStyle.marker(index))
        )
      }, positions: rates.map { SpectrumPosition(block: RateTable.text($0), segments: "") },
      values: ValueAxis(
        title: table.metric.title, low: max(0, least - 0.15 * span),
        high: min(100, most + 0.15 * span)), axisTitles: [table.title])
    let canvas = page.canvas(format)
    let data = table.arms.indices.flatMap { blocks(of: $0, rates) }
    let layers = table.arms.indices.flatMap { index in
      [
        "$bars\(index) with yerrorbars linewidth \(canvas.stroke(1.2)) pointtype -1 "
          + "\(Self.line(index)) notitle",
        "$means\(index) with linespoints linewidth \(canvas.stroke(2)) "
          + "pointtype \(PlotStyle.marker(index)) pointsize \(canvas.markSize(0.85)) "
          + "\(Self.line(index)) notitle",
      ]
    }
    let plot = "plot \\\n  " + layers.joined(separator: ", \\\n  ")
    let lines = [PlotStyle.axes(canvas)] + canvas.lines + data + [plot]
    return PlotPicture(page: page.page, format: format, script: lines.joined(separator: "\n"))
  }

  private func blocks(of index: Int, _ rates: [Double]) -> [String] {
    let scale = table.metric.scale
    // Arms stand beside each other, so that each interval is seen.
    let step = min(0.06, 0.5 / Double(table.arms.count))
    let shift = (Double(index) - Double(table.arms.count - 1) / 2) * step
    let placed = table.arms[index].trials.compactMap { trial in
      trial.statistics.map { (x: Double((rates.firstIndex(of: trial.rate) ?? 0) + 1) + shift, $0) }
    }
    let bars = placed.compactMap { x, statistics -> [Double]? in
      guard let half = statistics.confidence95 else { return nil }
      let low = max(0, statistics.mean - half) * scale
      return [x, statistics.mean * scale, low, min(1, statistics.mean + half) * scale]
    }
    return [
      PlotStyle.block("means\(index)", placed.map { [$0.x, $0.1.mean * scale] }),
      PlotStyle.block("bars\(index)", bars),
    ]
  }

  private static func line(_ index: Int) -> String {
    "linecolor rgb '\(PlotStyle.category(index))'"
  }
}
