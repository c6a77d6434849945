import Records
import Tables

/// The script of the training curves.
struct TrainingCurvesPlot {
  private let table: ResultTable
  private let curves: [Metric]
  private let title: String
  private let series: [PlotSeries]
  private let positions: [SpectrumPosition]

  private static let panelWidth = 380
  private static let panelHeight = 290
  private static let headHeight = 70
  private static let leastWidth = 760

  var width: Int { max(Self.leastWidth, columns * Self.panelWidth + legendWidth) }
  var height: Int { rows * Self.panelHeight + Self.headHeight }

  /// A single series lies beside itself, one column a curve.
  private var isOneRow: Bool { series.count == 1 }
  private var columns: Int { isOneRow ? curves.count : series.count }
  private var rows: Int { isOneRow ? 1 : curves.count }
  private var legendWidth: Int { 70 + 9 * min(30, max(10, positions.map(\.name.count).max() ?? 0)) }

  init(records: [RunRecord], curves: [String]?, title: String?) throws(ReportError) {
    let finished = records.filter { $0.status == .finished }
    let known = Set(finished.flatMap(\.curves.keys)).sorted()
    let chosen = curves ?? Self.usualCurves(known)
    for curve in chosen where !known.contains(curve) {
      throw ReportError(
        "no finished run has the curve \"\(curve)\"; known here: \(NumberText.list(known))")
    }
    guard !chosen.isEmpty else { throw ReportError("there is nothing to plot: no run has curves") }
    self.curves = chosen.map { Metric(key: $0) }
    let metrics = Set(finished.flatMap(\.metrics.keys)).sorted()
    table = try ResultTable(
      records: finished,
      metric: metrics.contains("test/top1") ? "test/top1" : metrics.first ?? "test/top1")
    series = PlotSeries.series(of: table)
    positions = table.positions
    self.title = title ?? "How does each point of the spectrum learn?"
  }

  private static func usualCurves(_ known: [String]) -> [String] {
    let accuracies = ["test/top1", "validation/top1", "train/top1"]
    let usual = ["train/loss"].filter(known.contains) + accuracies.filter(known.contains).prefix(1)
    return usual.isEmpty ? Array(known.filter { $0 != "learningRate" }.prefix(2)) : usual
  }

  var script: String {
    let panels = (0..<rows).flatMap { row in
      (0..<columns).map { column in panel(row: row, column: column) }
    }
    return ([PlotStyle.axes, frame] + panels + [legend, "unset multiplot"])
      .joined(separator: "\n")
  }

  private var frame: String {
    return """
      set multiplot
      set label 1 \(Gnuplot.quoted(title)) at screen \(left(0)), screen \(fromTop(24)) \
      font ',16' textcolor rgb '\(PlotStyle.ink)'
      set label 2 \(Gnuplot.quoted("\(table.subtitle) · mean over seeds")) at screen \(left(0)), \
      screen \(fromTop(46)) font ',12' textcolor rgb '\(PlotStyle.faint)'
      set key at screen \(1 - 10 / Double(width)), screen \(fromTop(Self.headHeight)) \
      right top Left reverse samplen 3 spacing 1.2 textcolor rgb '\(PlotStyle.ink)'
      """
  }

  // MARK: Panels

  private func panel(row: Int, column: Int) -> String {
    let (curve, group) = isOneRow ? (column, 0) : (row, column)
    let lines = lines(curve, group)
    let blocks = lines.map { PlotStyle.block($0.name, $0.rows) }
    let elements = lines.map { "$\($0.name) with lines linewidth 1.6 \($0.style) notitle" }
    let bottom = Self.headHeight + (row + 1) * Self.panelHeight - 66
    let (low, high) = range(curve)
    let name = row == 0 ? series[group].name : ""
    return """
      \(blocks.joined(separator: "\n"))
      set lmargin at screen \(left(column))
      set rmargin at screen \(left(column) + Double(Self.panelWidth - 84) / Double(width))
      set tmargin at screen \(fromTop(Self.headHeight + row * Self.panelHeight + 22))
      set bmargin at screen \(fromTop(bottom))
      set title \(Gnuplot.quoted(name)) offset 0,-0.6 textcolor rgb '\(PlotStyle.ink)'
      set ylabel \(Gnuplot.quoted(isOneRow || column == 0 ? curves[curve].title : "")) offset 1,0 \
      textcolor rgb '\(PlotStyle.ink)'
      set xlabel \(row == rows - 1 ? "'epoch'" : "''") textcolor rgb '\(PlotStyle.ink)'
      set yrange [\(low):\(high)]
      set xrange [*:*]
      plot \(elements.isEmpty ? "NaN notitle" : elements.joined(separator: ", \\\n  "))
      unset label 1
      unset label 2
      """
  }

  private func left(_ column: Int) -> Double {
    Double(column * Self.panelWidth + 70) / Double(width)
  }

  private func fromTop(_ distance: Int) -> Double {
    1 - Double(distance) / Double(height)
  }

  // MARK: Lines

  private func lines(
    _ curve: Int, _ group: Int
  ) -> [(name: String, style: String, rows: [[Double]])] {
    series[group].points.enumerated().compactMap { index, point in
      let mean = Self.mean(point.finished.compactMap { $0.curves[curves[curve].key] })
      guard !mean.isEmpty else { return nil }
      let rows = mean.enumerated().map { [Double($0 + 1), $1 * curves[curve].scale] }
      return ("line_\(curve)_\(group)_\(index)", style(point.position), rows)
    }
  }

  /// The mean over those seeds that have the epoch.
  static func mean(_ curves: [[Double]]) -> [Double] {
    (0..<(curves.map(\.count).max() ?? 0)).map { epoch in
      let values = curves.filter { epoch < $0.count }.map { $0[epoch] }
      return values.reduce(0, +) / Double(values.count)
    }
  }

  private func range(_ curve: Int) -> (low: Double, high: Double) {
    let values = series.indices.flatMap { lines(curve, $0) }
      .flatMap { $0.rows.map { $0[1] } }.filter(\.isFinite)
    let (least, most) = (values.min() ?? 0, values.max() ?? 1)
    let margin = max(most - least, abs(most) * 1e-3, 1e-9) * 0.04
    return (least - margin, most + margin)
  }

  /// Colours follow the spectrum; what stands beside it is dashed.
  private func style(_ position: SpectrumPosition) -> String {
    let segmented = positions.filter(\.isSegmented)
    if let index = segmented.firstIndex(of: position) {
      return "linecolor rgb '\(PlotStyle.sequential(index, of: segmented.count))'"
    }
    switch position.name {
    case "regular": return "dashtype (5,3) linecolor rgb '\(PlotStyle.ink)'"
    case "separable": return "dashtype (5,3) linecolor rgb '\(PlotStyle.category(1))'"
    default:
      let others = positions.filter { !$0.isSegmented }
      return
        "dashtype (2,2) linecolor rgb '\(PlotStyle.category(others.firstIndex(of: position) ?? 0))'"
    }
  }

  /// A panel of its own over the whole picture: a key has no more rows than its panel is high.
  private var legend: String {
    let entries = positions.map { position in
      let name =
        position.isSegmented && position.name != "extreme"
        ? "\(position.name) \(position.name == "1" ? "segment" : "segments")" : position.name
      return "NaN with lines linewidth 2.4 \(style(position)) title \(Gnuplot.quoted(name))"
    }
    return """
      set tmargin at screen \(fromTop(Self.headHeight))
      set bmargin at screen 0
      unset border
      unset tics
      unset title
      unset xlabel
      unset ylabel
      plot \(entries.joined(separator: ", \\\n  "))
      """
  }
}
