import Records
import Settings
import Tables

/// The script of the training curves.
struct TrainingCurvesPlot {
  let curves: [Metric]
  let series: [PlotSeries]
  let positions: [SpectrumPosition]
  /// By curve, series and point.
  let means: [[[MeanCurve]]]
  private let table: ResultTable
  private let title: String
  private let size: PlotSize
  private let seriesCount: Int

  /// More columns than these no page holds.
  private static let mostSeries = 24

  init(
    _ table: ResultTable, curves keys: [String]?, title: String?, size: PlotSize = PlotSize()
  ) throws(ReportError) {
    self.table = table
    let curves = try Self.chosen(keys, of: table.points.flatMap(\.finished))
      .map { Metric(key: $0) }
    self.curves = curves
    let all = PlotSeries.series(of: table)
    let series = Array(all.prefix(Self.mostSeries))
    self.series = series
    seriesCount = all.count
    positions = table.positions
    means = curves.map { curve in
      series.map { $0.points.map { MeanCurve($0.finished, curve) } }
    }
    guard means.joined().joined().contains(where: { !$0.values.isEmpty }) else {
      throw ReportError("there is nothing to plot: the curves have no finite value")
    }
    self.title = title ?? "How does each point of the spectrum learn?"
    self.size = size
  }

  /// - Throws: where there is no curve, or none of a name that was asked for.
  private static func chosen(
    _ keys: [String]?, of finished: [RunRecord]
  ) throws(ReportError) -> [String] {
    let known = Set(finished.flatMap(\.curves.keys)).filter { !$0.hasSuffix("/epoch") }.sorted()
    let chosen = keys ?? usual(known)
    for curve in chosen where !known.contains(curve) {
      let hint = Spelling.nearest(to: curve, among: known).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no finished run has the curve \"\(curve)\"; "
          + "known here: \(NumberText.list(known))\(hint ?? "")")
    }
    guard !chosen.isEmpty else { throw ReportError("there is nothing to plot: no run has curves") }
    return chosen
  }

  /// The losses, then the accuracies: of training, and of what was held out from it.
  private static func usual(_ known: [String]) -> [String] {
    let isValidated = known.contains { $0.hasPrefix("validation/") }
    let held = isValidated ? "validation" : "test"
    let usual = ["train/loss", "\(held)/loss", "train/top1", "\(held)/top1"].filter(known.contains)
    return usual.isEmpty ? Array(known.filter { $0 != "learningRate" }.prefix(4)) : usual
  }

  func picture(_ format: PlotFormat = .svg) throws(ReportError) -> PlotPicture {
    let grid = PanelGrid(
      curves: curves.map(\.title), ranges: curves.indices.map(range), series: series.map(\.name))
    let page = try PlotPage(
      size: size, width: grid.usualWidth(PlotCanvas.usualFont), title: title, subtitle: subtitle,
      legend: legend, bodyHeight: grid.heights)
    var canvas = page.canvas(format)
    var lines = [PlotStyle.axes(canvas), "set multiplot"]
    for panel in grid.panels(page) {
      lines += draw(panel, grid, on: &canvas)
      canvas = PlotCanvas(width: page.width, height: page.height, font: page.font, format: format)
    }
    lines.append("unset multiplot")
    return PlotPicture(page: page, format: format, script: lines.joined(separator: "\n"))
  }

  private var subtitle: String {
    let values = means.joined().joined().flatMap(\.values)
    let hasIntervals = values.contains { $0.interval != nil }
    let shown = seriesCount > series.count ? " · the first \(series.count) of \(seriesCount)" : ""
    let isCut = curves.indices.contains { curve in
      let (low, high) = range(curve)
      return means[curve].joined().flatMap(\.values).compactMap(\.interval)
        .contains { $0.low < low || $0.high > high }
    }
    return table.subtitle
      + (hasIntervals ? " · mean with 95 % interval" : "")
      + (isCut ? ", cut at the frame" : "") + shown
  }

  // MARK: Panels

  private func draw(
    _ panel: PanelGrid.Panel, _ grid: PanelGrid, on canvas: inout PlotCanvas
  ) -> [String] {
    let points = zip(series[panel.series].points, means[panel.curve][panel.series]).enumerated()
      .filter { !$0.element.1.values.isEmpty }
    let named = points.map { index, pair in
      (name: "\(panel.curve)_\(panel.series)_\(index)", line: line(pair.0.position), curve: pair.1)
    }
    grid.draw(panel, epochs: epochs, on: &canvas)
    let bands = named.compactMap { band($0.name, $0.line, $0.curve, canvas) }
    let lines = named.map { name, line, curve in
      let every = max(1, curve.values.count / 25)
      return "$mean\(name) with linespoints linewidth \(canvas.stroke(1.6)) pointtype 7 "
        + "pointsize \(canvas.markSize(0.3)) pointinterval \(every) \(line.sample) notitle"
    }
    let blocks = named.flatMap { name, _, curve in
      [
        PlotStyle.block("mean\(name)", curve.values.map { [$0.epoch, $0.mean] }),
        PlotStyle.block(
          "band\(name)",
          curve.band(within: range(panel.curve)).map {
            [$0.epoch, ($0.low + $0.high) / 2, $0.low, $0.high]
          }),
      ]
    }
    let layers = bands + lines
    let plot = layers.isEmpty ? "NaN notitle" : layers.joined(separator: ", \\\n  ")
    return blocks + canvas.lines + ["plot \\\n  \(plot)", "unset label", "unset arrow"]
  }

  /// A band where there are epochs to join, else a bar.
  private func band(
    _ name: String, _ line: (sample: String, color: String), _ curve: MeanCurve,
    _ canvas: PlotCanvas
  ) -> String? {
    switch curve.values.count(where: { $0.interval != nil }) {
    case 0: return nil
    case 1:
      return "$band\(name) with yerrorbars linewidth \(canvas.stroke(1.2)) pointtype 7 "
        + "pointsize 0 linecolor rgb '\(line.color)' notitle"
    default:
      let pale = PlotStyle.translucent(line.color, opacity: 0.12)
      return "$band\(name) using 1:3:4 with filledcurves fillstyle solid noborder "
        + "fillcolor rgb '\(pale)' notitle"
    }
  }

  /// The epochs at both ends, over all curves.
  private var epochs: (first: Double, last: Double) {
    let all = means.joined().joined().flatMap(\.values).map(\.epoch)
    return (all.min() ?? 1, all.max() ?? 1)
  }

  /// All means of a curve with a margin, and their intervals as far as these leave the curves to
  /// be read.
  private func range(_ curve: Int) -> (low: Double, high: Double) {
    let values = means[curve].joined().flatMap(\.values)
    let (least, most) = (values.map(\.mean).min() ?? 0, values.map(\.mean).max() ?? 1)
    // A curve that does not move gets a quiet frame: one point of accuracy, a fiftieth of a loss.
    let leastSpan = curves[curve].isFraction ? 1 : max(abs(most) * 0.02, 1e-9)
    let span = max(most - least, leastSpan)
    let intervals = values.compactMap(\.interval)
    let low = max(intervals.map(\.low).min() ?? least, least - span)
    let high = min(intervals.map(\.high).max() ?? most, most + span)
    let margin = max(span, high - low) * 0.04
    return (min(low, least) - margin, max(high, most) + margin)
  }

  // MARK: Lines

  private var legend: [(name: String, sample: PlotSample)] {
    positions.map { position in
      let name =
        position.isSegmented && position.name != "extreme"
        ? "\(position.name) \(position.name == "1" ? "segment" : "segments")" : position.name
      return (name, PlotSample(line: line(position).sample, width: 2.4))
    }
  }

  /// Colours follow the spectrum; what stands beside it is dashed.
  private func line(_ position: SpectrumPosition) -> (sample: String, color: String) {
    let segmented = positions.filter(\.isSegmented)
    let color: String
    var dashes = ""
    if let index = segmented.firstIndex(of: position) {
      color = PlotStyle.sequential(index, of: segmented.count)
    } else if position.name == "regular" {
      (color, dashes) = (PlotStyle.ink, "dashtype (5,3) ")
    } else if position.name == "separable" {
      (color, dashes) = (PlotStyle.category(1), "dashtype (5,3) ")
    } else {
      let others = positions.filter { !$0.isSegmented }
      (color, dashes) = (
        PlotStyle.category(others.firstIndex(of: position) ?? 0), "dashtype (2,2) "
      )
    }
    return ("\(dashes)linecolor rgb '\(color)'", color)
  }
}
