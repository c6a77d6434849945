// SPDX-License-Identifier: Apache-2.0

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
  /// Of every failed run by itself.
  private let failures: [[[[MeanCurve]]]]
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
    let curves = try Self.chosen(keys, of: table.points.flatMap(\.runs))
      .map { Metric(key: $0) }
    self.curves = curves
    let drawn = table.points.filter { point in
      !point.finished.isEmpty
        || point.failed.contains { run in curves.contains { run.curves[$0.key] != nil } }
    }
    let all = PlotSeries.series(of: table, drawn)
    let series = Array(all.prefix(Self.mostSeries))
    self.series = series
    seriesCount = all.count
    positions = Set(drawn.map(\.position)).sorted()
    failures = curves.map { curve in
      series.map { $0.points.map { $0.failed.map { MeanCurve([$0], curve) } } }
    }
    means = curves.map { curve in
      series.map { $0.points.map { MeanCurve($0.finished, curve) } }
    }
    let lines = Array(means.joined().joined()) + Array(failures.joined().joined().joined())
    guard lines.contains(where: { !$0.values.isEmpty }) else {
      throw ReportError("there is nothing to plot: the curves have no finite value")
    }
    self.title = title ?? "How does each point of the spectrum learn?"
    self.size = size
  }

  /// - Throws: where there is no curve, or none of a name that was asked for.
  private static func chosen(
    _ keys: [String]?, of runs: [RunRecord]
  ) throws(ReportError) -> [String] {
    let known = Set(runs.flatMap(\.curves.keys)).filter { !$0.hasSuffix("/epoch") }.sorted()
    let chosen = keys ?? usual(known)
    for curve in chosen where !known.contains(curve) {
      let hint = Spelling.nearest(to: curve, among: known).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the curve \"\(curve)\"; "
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
    let hasFailures = failures.joined().joined().joined().contains { !$0.values.isEmpty }
    return table.subtitle
      + (hasFailures ? " (dashed, to where they ended)" : "")
      + (hasIntervals ? " · mean with 95 % interval" : "")
      + (isCut ? ", cut at the frame" : "") + shown
  }

  // MARK: Panels

  private func draw(
    _ panel: PanelGrid.Panel, _ grid: PanelGrid, on canvas: inout PlotCanvas
  ) -> [String] {
    let points = series[panel.series].points
    let curves = means[panel.curve][panel.series]
    let named = points.indices.filter { !curves[$0].values.isEmpty }.map { index in
      (
        name: "\(panel.curve)_\(panel.series)_\(index)", line: line(points[index].position),
        curve: curves[index], shift: shift(points[index].position)
      )
    }
    grid.draw(panel, epochs: epochs, on: &canvas)
    let bands = named.compactMap { band($0.name, $0.line, $0.curve, canvas) }
    let lines = named.map { name, line, curve, _ in
      let every = max(1, curve.values.count / 12)
      let size = isOneEpoch ? 0.85 : 0.55
      return "$mean\(name) with linespoints linewidth \(canvas.stroke(1.6)) "
        + "pointtype \(line.shape) pointsize \(canvas.markSize(size)) pointinterval \(every) "
        + "\(line.sample) notitle"
    }
    let blocks = named.flatMap { name, _, curve, shift in
      [
        PlotStyle.block("mean\(name)", curve.values.map { [$0.epoch + shift, $0.mean] }),
        PlotStyle.block(
          "band\(name)",
          // A bar has its gap where the mark of the mean stands.
          curve.band(within: range(panel.curve)).map { corner in
            let mean = curve.values.first { $0.epoch == corner.epoch }?.mean
            return [corner.epoch + shift, mean ?? corner.low, corner.low, corner.high]
          }),
      ]
    }
    let failed = failed(panel, canvas)
    let layers = bands + failed.lines + lines
    let plot = layers.isEmpty ? "NaN notitle" : layers.joined(separator: ", \\\n  ")
    return blocks + failed.blocks + canvas.lines
      + ["plot \\\n  \(plot)", "unset label", "unset arrow"]
  }

  /// Failed runs, dashed, with a cross where they ended.
  private func failed(
    _ panel: PanelGrid.Panel, _ canvas: PlotCanvas
  ) -> (blocks: [String], lines: [String]) {
    var (blocks, lines) = ([String](), [String]())
    let points = series[panel.series].points
    for (index, curves) in failures[panel.curve][panel.series].enumerated() {
      let line = line(points[index].position)
      for (run, curve) in curves.enumerated() {
        guard let last = curve.values.last else { continue }
        let name = "\(panel.curve)_\(panel.series)_\(index)_\(run)"
        let shift = shift(points[index].position)
        blocks.append(
          PlotStyle.block("failed\(name)", curve.values.map { [$0.epoch + shift, $0.mean] }))
        let (low, high) = range(panel.curve)
        let end = [last.epoch + shift, min(max(last.mean, low), high)]
        blocks.append(PlotStyle.block("end\(name)", [end]))
        lines.append(
          "$failed\(name) with lines dashtype (6,4) linewidth \(canvas.stroke(1.2)) "
            + "\(line.sample) notitle")
        lines.append(
          "$end\(name) with points pointtype 2 pointsize \(canvas.markSize(0.7)) "
            + "linewidth \(canvas.stroke(1.2)) \(line.sample) notitle")
      }
    }
    return (blocks, lines)
  }

  /// Whether all that there is was measured at one epoch: its points stand side by side.
  private var isOneEpoch: Bool { epochs.first == epochs.last }

  private func shift(_ position: SpectrumPosition) -> Double {
    guard isOneEpoch, positions.count > 1, let place = positions.firstIndex(of: position) else {
      return 0
    }
    let step = min(0.12, 0.8 / Double(positions.count - 1))
    return (Double(place) - Double(positions.count - 1) / 2) * step
  }

  /// A band where there are epochs to join, else a bar.
  private func band(
    _ name: String, _ line: (sample: String, color: String, shape: Int), _ curve: MeanCurve,
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
    let curves = Array(means.joined().joined()) + Array(failures.joined().joined().joined())
    let all = curves.flatMap(\.values).map(\.epoch)
    return (all.min() ?? 1, all.max() ?? 1)
  }

  /// All means of a curve with a margin, and their intervals as far as these leave the curves to
  /// be read. Failed runs leave the frame, unless there are no others.
  private func range(_ curve: Int) -> (low: Double, high: Double) {
    var values = means[curve].joined().flatMap(\.values)
    if values.isEmpty { values = failures[curve].joined().joined().flatMap(\.values) }
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
      let line = line(position)
      return (name, PlotSample(line: line.sample, width: 1.6, marker: line.shape))
    }
  }

  /// Colours follow the spectrum; every line has a shape of its own.
  private func line(
    _ position: SpectrumPosition
  ) -> (sample: String, color: String, shape: Int) {
    let segmented = positions.filter(\.isSegmented)
    let color: String
    if let index = segmented.firstIndex(of: position) {
      color = PlotStyle.sequential(index, of: segmented.count)
    } else if position.name == "regular" {
      color = PlotStyle.ink
    } else if position.name == "separable" {
      color = PlotStyle.category(1)
    } else {
      let others = positions.filter { !$0.isSegmented }
      color = PlotStyle.category(2 + (others.firstIndex(of: position) ?? 0))
    }
    let shape = PlotStyle.shape(positions.firstIndex(of: position) ?? 0)
    return ("linecolor rgb '\(color)'", color, shape)
  }
}
