// SPDX-License-Identifier: Apache-2.0

import Records
import Tables

/// The script of the continuum curve.
///
/// The solid line joins what only the number of segments tells apart; the regular convolution and
/// the separable one hang on it by dots, since each of them differs in more than that.
struct ContinuumPlot {
  private let table: ResultTable
  private let metric: Metric
  private let title: String
  private let series: [PlotSeries]
  private let positions: [SpectrumPosition]
  private let places: [SpectrumPosition: Int]
  private let size: PlotSize

  /// - Parameter table: its first metric is drawn.
  init(_ table: ResultTable, title: String?, size: PlotSize = PlotSize()) throws(ReportError) {
    self.table = table
    metric = Metric(key: table.metric)
    self.size = size
    series = PlotSeries.series(of: table)
    positions = table.positions
    places = Dictionary(uniqueKeysWithValues: zip(positions, 1...))
    guard table.points.contains(where: { $0.statistics(of: table.metric)?.mean.isFinite == true })
    else {
      throw ReportError("there is nothing to plot: no finished run has \"\(table.metric)\"")
    }
    let quantities = Set(table.points.compactMap { $0.budget?.quantity }).sorted()
    let condition = quantities.isEmpty ? "" : ", at equal \(quantities.joined(separator: " or "))"
    self.title =
      title ?? "How does \(self.metric.name) depend on the number of segments\(condition)?"
  }

  func picture(_ format: PlotFormat = .svg) throws(ReportError) -> PlotPicture {
    let (low, high) = range
    let page = try SpectrumPage(
      size: size, title: title, subtitle: subtitle, legend: legend, positions: positions,
      values: ValueAxis(title: metric.title, low: low, high: high))
    let canvas = page.canvas(format)
    let data = series.indices.flatMap { blocks(of: $0, page) }
    let layers =
      bestPossible.map { "\($0.value) with lines linewidth \(canvas.stroke(1.2)) \(Self.line($0))" }
      + series.indices.flatMap { elements(of: $0, canvas) }
    let plot = "plot \\\n  " + layers.map { $0 + " notitle" }.joined(separator: ", \\\n  ")
    let lines = [PlotStyle.axes(canvas)] + canvas.lines + data + [plot]
    return PlotPicture(page: page.page, format: format, script: lines.joined(separator: "\n"))
  }

  // MARK: Frame

  private var legend: [(name: String, sample: PlotSample)] {
    let named = series.indices.map { index in
      (series[index].name, PlotSample(line: Self.line(index), marker: PlotStyle.marker(index)))
    }
    let best = bestPossible.map { best in
      let value = NumberText.fixed(best.value, decimals: 1)
      return ("best possible: \(value) %", PlotSample(line: Self.line(best), width: 1.2))
    }
    return named + best
  }

  private static func line(_ index: Int) -> String {
    "linecolor rgb '\(PlotStyle.category(index))'"
  }

  private static func line(_ best: (value: Double, color: String)) -> String {
    "dashtype 2 linecolor rgb '\(best.color)'"
  }

  private var subtitle: String {
    let hasIntervals = table.points.contains { $0.values(of: metric.key).count > 1 }
    guard hasIntervals else { return table.subtitle }
    let isCut = table.points.contains { point in
      guard let statistics = point.statistics(of: metric.key) else { return false }
      let (low, high) = ends(statistics)
      let spread = (statistics.confidence95 ?? 0) * metric.scale
      return high - low < 2 * spread * (1 - 1e-9)
    }
    return table.subtitle + " · mean with 95 % interval"
      + (isCut ? ", cut at 0 and 100 %" : "") + "; dots: single seeds"
  }

  /// The ends of an interval as it is drawn: no accuracy lies below 0 or above 100 %, though
  /// Student's t does not know it.
  private func ends(_ statistics: SampleStatistics) -> (low: Double, high: Double) {
    let spread = statistics.confidence95 ?? 0
    let low = (statistics.mean - spread) * metric.scale
    let high = (statistics.mean + spread) * metric.scale
    return metric.isFraction ? (max(low, 0), min(high, 100)) : (low, high)
  }

  /// All that is drawn, with a margin; accuracies end at 0 and 100.
  private var range: (low: Double, high: Double) {
    var values = bestPossible.map(\.value)
    for point in table.points {
      values += point.values(of: metric.key).map { $0 * metric.scale }
      guard let statistics = point.statistics(of: metric.key) else { continue }
      let (low, high) = ends(statistics)
      values += [low, high]
    }
    let finite = values.filter(\.isFinite)
    let (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    let margin = max(most - least, abs(most) * 1e-3, 1e-9) * 0.06
    guard metric.isFraction else { return (least - margin, most + margin) }
    return (max(0, least - margin), min(most + margin, 101))
  }

  // MARK: Data

  /// How far apart a place's series stand, in places: their marks need some room in narrow plots.
  private func step(_ page: SpectrumPage) -> Double {
    let font = page.page.font * Double(positions.count) / page.area.width
    // Where places are few and wide, marks of one place still stand together.
    return min(max(min(0.14, 2 * font), 0.8 * font), 0.5 / Double(series.count))
  }

  private func blocks(of index: Int, _ page: SpectrumPage) -> [String] {
    let step = step(page)
    let shift = (Double(index) - Double(series.count - 1) / 2) * step
    // Rows may stand in another order, as an experiment names them: lines go from left to right.
    let points = series[index].points.filter { $0.statistics(of: metric.key) != nil }
      .enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
      .map(\.element)
    let placed = points.map { (point: $0, x: Double(places[$0.position] ?? 1) + shift) }
    let means = placed.map { point, x in
      [x, (point.statistics(of: metric.key)?.mean ?? .nan) * metric.scale]
    }
    let intervals = placed.compactMap { point, x -> [Double]? in
      guard let statistics = point.statistics(of: metric.key),
        statistics.confidence95 != nil
      else { return nil }
      let (low, high) = ends(statistics)
      return [x, statistics.mean * metric.scale, low, high]
    }
    let beside = step * 3 / 7
    let seeds = placed.flatMap { point, x in
      point.values(of: metric.key).map { [x + beside, $0 * metric.scale] }
    }
    let onLine = zip(points, means).filter { $0.0.position.isSegmented }.map(\.1)
    let onSpectrum = zip(points, means).filter { $0.0.position.isOnSpectrum }.map(\.1)
    return [
      PlotStyle.block("spectrum\(index)", onSpectrum),
      PlotStyle.block("all\(index)", means), PlotStyle.block("line\(index)", onLine),
      PlotStyle.block("intervals\(index)", intervals), PlotStyle.block("seeds\(index)", seeds),
    ]
  }

  // MARK: Elements

  private func elements(of index: Int, _ canvas: PlotCanvas) -> [String] {
    let line = Self.line(index)
    let pale = PlotStyle.translucent(PlotStyle.category(index), opacity: 0.45)
    let marker = "pointtype \(PlotStyle.marker(index)) pointsize \(canvas.markSize(0.85))"
    return [
      "$spectrum\(index) with lines dashtype 3 linewidth \(canvas.stroke(1)) linecolor rgb '\(pale)'",
      "$line\(index) with lines linewidth \(canvas.stroke(2)) \(line)",
      "$intervals\(index) with yerrorbars linewidth \(canvas.stroke(1.2)) pointtype -1 "
        + "pointsize \(canvas.markSize(0.85)) \(line)",
      "$seeds\(index) with points pointtype 7 pointsize \(canvas.markSize(0.35)) "
        + "linecolor rgb '\(pale)'",
      "$all\(index) with points \(marker) \(line)",
    ]
  }

  /// The best possible accuracy: one line where all series share it, else one a series.
  private var bestPossible: [(value: Double, color: String)] {
    guard metric.isFraction, metric.key.hasSuffix("top1") else { return [] }
    let values = series.map { series in
      SampleStatistics(series.points.compactMap { $0.fact("bestPossibleAccuracy") })?.mean
    }
    let known = values.compactMap { $0 }
    guard let least = known.min(), let most = known.max() else { return [] }
    if most - least < 0.002 { return [(least * 100, PlotStyle.faint)] }
    return values.enumerated().compactMap { index, value in
      value.map { ($0 * 100, PlotStyle.category(index)) }
    }
  }
}
