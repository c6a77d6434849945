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

  init(records: [RunRecord], metric: String, title: String?) throws(ReportError) {
    table = try ResultTable(records: records, metric: metric)
    self.metric = Metric(key: metric)
    series = PlotSeries.series(of: table)
    positions = table.positions
    guard table.points.contains(where: { $0.statistics(of: metric)?.mean.isFinite == true })
    else { throw ReportError("there is nothing to plot: no finished run has \"\(metric)\"") }
    let quantities = Set(table.points.compactMap { $0.budget?.quantity }).sorted()
    let condition = quantities.isEmpty ? "" : ", at equal \(quantities.joined(separator: " or "))"
    self.title =
      title ?? "How does \(self.metric.name) depend on the number of segments\(condition)?"
  }

  var script: String {
    let data = series.indices.flatMap { blocks(of: $0) }
    let layers =
      bestPossible.map { element($0, in: "\($0.value)") + " notitle" }
      + series.indices.flatMap { elements(of: $0) }
      + bestPossible.map { best in
        let value = NumberText.fixed(best.value, decimals: 1)
        return element(best, in: "NaN") + " title 'best possible: \(value) %'"
      }
    let plot = "plot \\\n  " + layers.joined(separator: ", \\\n  ")
    return ([PlotStyle.axes, frame] + data + [plot]).joined(separator: "\n")
  }

  // MARK: Frame

  private var frame: String {
    let ticks = positions.enumerated().map { index, position in
      "\(Self.tick(position)) \(index + 1)"
    }
    let (low, high) = range
    return """
      set label 1 \(Gnuplot.quoted(title)) at screen 0.085, screen 0.955 font ',16' \
      textcolor rgb '\(PlotStyle.ink)'
      set label 2 \(Gnuplot.quoted(subtitle)) at screen 0.085, screen 0.905 font ',12' \
      textcolor rgb '\(PlotStyle.faint)'
      set lmargin at screen 0.085
      set tmargin at screen 0.86
      set bmargin at screen 0.17
      set key outside right top Left reverse samplen 2 spacing 1.5 \
      textcolor rgb '\(PlotStyle.ink)'
      set xlabel 'segments into which the spatial convolution cuts the channels' offset 0,-0.8 \
      textcolor rgb '\(PlotStyle.ink)'
      set ylabel \(Gnuplot.quoted(metric.title)) offset 1,0 textcolor rgb '\(PlotStyle.ink)'
      set xtics (\(ticks.joined(separator: ", ")))
      set xrange [0.5:\(positions.count).5]
      set yrange [\(low):\(high)]
      """
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

  /// The blocks that the axis names in full; everything else comes from files and is quoted.
  private static func tick(_ position: SpectrumPosition) -> String {
    switch position.name {
    case "regular": "\"regular\\nconvolution\""
    case "extreme": "\"extreme\""
    case "separable": "\"separable\\nconvolution\""
    case let name where name.allSatisfy({ $0.isASCII && ($0.isLetter || $0 == "-") }):
      "\"\(name.replacing("-", with: "-\\n", maxReplacements: 1))\""
    default: Gnuplot.quoted(position.name)
    }
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

  private func place(_ point: ResultPoint, _ index: Int) -> Double {
    let step = min(0.14, 0.5 / Double(series.count))
    let place = positions.firstIndex(of: point.position) ?? 0
    return Double(place + 1) + (Double(index) - Double(series.count - 1) / 2) * step
  }

  private func blocks(of index: Int) -> [String] {
    let points = series[index].points.filter { $0.statistics(of: metric.key) != nil }
    let means = points.map { point in
      let statistics = point.statistics(of: metric.key)
      return [place(point, index), (statistics?.mean ?? .nan) * metric.scale]
    }
    let intervals = points.compactMap { point -> [Double]? in
      guard let statistics = point.statistics(of: metric.key),
        statistics.confidence95 != nil
      else { return nil }
      let (low, high) = ends(statistics)
      return [place(point, index), statistics.mean * metric.scale, low, high]
    }
    let seeds = points.flatMap { point in
      point.values(of: metric.key).map {
        [place(point, index) + 0.06, $0 * metric.scale]
      }
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

  private func elements(of index: Int) -> [String] {
    let color = PlotStyle.category(index)
    let marker = "pointtype \(PlotStyle.marker(index))"
    let pale = PlotStyle.translucent(color, opacity: 0.45)
    let named =
      series[index].name.isEmpty ? "notitle" : "title \(Gnuplot.quoted(series[index].name))"
    return [
      "$spectrum\(index) with lines dashtype 3 linewidth 1 linecolor rgb '\(pale)' notitle",
      "$line\(index) with lines linewidth 2 linecolor rgb '\(color)' notitle",
      "$intervals\(index) with yerrorbars linewidth 1.2 pointtype -1 "
        + "linecolor rgb '\(color)' notitle",
      "$seeds\(index) with points pointtype 7 pointsize 0.35 linecolor rgb '\(pale)' notitle",
      "$all\(index) with points \(marker) pointsize 0.85 linecolor rgb '\(color)' notitle",
      "NaN with linespoints \(marker) pointsize 0.85 linewidth 2 linecolor rgb '\(color)' \(named)",
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

  private func element(_ best: (value: Double, color: String), in source: String) -> String {
    "\(source) with lines dashtype 2 linewidth 1.2 linecolor rgb '\(best.color)'"
  }
}
