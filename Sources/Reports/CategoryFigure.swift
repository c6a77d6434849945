// SPDX-License-Identifier: Apache-2.0

/// Values over named places, one line a series, with intervals and single values: what a figure is
/// of, whatever draws it.
public struct CategoryFigure: Sendable {
  /// What a series has at a place.
  public struct Mark: Sendable {
    /// The index of the place.
    public var place: Int
    public var value: Double
    /// Nil where nothing is known of it.
    public var interval: ClosedRange<Double>?
    /// Drawn as dots beside the mark.
    public var singles: [Double]

    public init(
      place: Int, value: Double, interval: ClosedRange<Double>? = nil, singles: [Double] = []
    ) {
      (self.place, self.value, self.interval, self.singles) = (place, value, interval, singles)
    }
  }

  public struct Series: Sendable {
    public var name: String
    public var marks: [Mark]

    public init(name: String, marks: [Mark]) {
      (self.name, self.marks) = (name, marks)
    }
  }

  public var title: String
  public var subtitle: String
  /// Below the places.
  public var axisTitle: String
  /// What the places are called, from left to right.
  public var places: [String]
  public var valueTitle: String
  /// What of the values is drawn; intervals beyond it are cut.
  public var range: ClosedRange<Double>
  public var series: [Series]

  public init(
    title: String, subtitle: String, axisTitle: String, places: [String], valueTitle: String,
    range: ClosedRange<Double>, series: [Series]
  ) {
    (self.title, self.subtitle, self.axisTitle) = (title, subtitle, axisTitle)
    (self.places, self.valueTitle, self.range, self.series) = (places, valueTitle, range, series)
  }
}

/// The script of a `CategoryFigure`.
struct CategoryPlot {
  private let figure: CategoryFigure
  private let page: SpectrumPage

  init(_ figure: CategoryFigure, size: PlotSize) throws(ReportError) {
    self.figure = figure
    page = try SpectrumPage(
      size: size, title: figure.title, subtitle: figure.subtitle,
      legend: figure.series.count < 2
        ? []
        : figure.series.indices.map { index in
          (
            figure.series[index].name,
            PlotSample(line: Self.line(index), marker: PlotStyle.marker(index))
          )
        }, positions: figure.places.map { SpectrumPosition(block: $0, segments: "") },
      values: ValueAxis(
        title: figure.valueTitle, low: figure.range.lowerBound, high: figure.range.upperBound),
      axisTitles: [figure.axisTitle])
  }

  func picture(_ format: PlotFormat = .svg) -> PlotPicture {
    let canvas = page.canvas(format)
    let layers = figure.series.indices.flatMap { Self.layers($0, canvas) }
    let plot = "plot \\\n  " + layers.joined(separator: ", \\\n  ")
    let data = figure.series.indices.flatMap(blocks)
    let lines = [PlotStyle.axes(canvas)] + canvas.lines + data + [plot]
    return PlotPicture(page: page.page, format: format, script: lines.joined(separator: "\n"))
  }

  /// What gnuplot draws of one series.
  private static func layers(_ index: Int, _ canvas: PlotCanvas) -> [String] {
    let (line, marker) = (line(index), PlotStyle.marker(index))
    let colour = PlotStyle.category(index)
    let bars = "$bars\(index) with yerrorbars linewidth \(canvas.stroke(1.2)) pointtype -1 \(line)"
    let singles =
      "$singles\(index) with points pointtype 7 pointsize \(canvas.markSize(0.35)) "
      + "linecolor rgb '\(colour)'"
    let means =
      "$means\(index) with linespoints linewidth \(canvas.stroke(2)) "
      + "pointtype \(marker) pointsize \(canvas.markSize(0.85)) \(line)"
    return [bars, singles, means].map { $0 + " notitle" }
  }

  /// Series stand beside each other, so that each interval is seen.
  private func blocks(of index: Int) -> [String] {
    let step = min(0.06, 0.5 / Double(figure.series.count))
    let shift = (Double(index) - Double(figure.series.count - 1) / 2) * step
    let placed = figure.series[index].marks.map { (x: Double($0.place + 1) + shift, mark: $0) }
    let bars = placed.compactMap { x, mark in
      mark.interval.map { interval in
        let whole = interval.clamped(to: figure.range)
        return [x, mark.value, whole.lowerBound, whole.upperBound]
      }
    }
    let singles = placed.flatMap { x, mark in mark.singles.map { [x + 0.4 * step, $0] } }
    return [
      PlotStyle.block("means\(index)", placed.map { [$0.x, $0.mark.value] }),
      PlotStyle.block("bars\(index)", bars), PlotStyle.block("singles\(index)", singles),
    ]
  }

  private static func line(_ index: Int) -> String {
    "linecolor rgb '\(PlotStyle.category(index))'"
  }
}
