// SPDX-License-Identifier: Apache-2.0

import Settings

/// The script of the times of Experiments/speed.
struct SpeedPlot {
  private let source: String
  private let subtitle: String
  private let size: PlotSize
  private let positions: [SpectrumPosition]
  private let series: [(name: String, times: [SpectrumPosition: Double])]

  /// - Throws: where the text is no such measurements, or has none of the spectrum.
  init(measurements: String, source: String, size: PlotSize) throws(ReportError) {
    let json: JSON
    do { json = try JSON(text: measurements, source: source) } catch {
      throw ReportError("\(error)")
    }
    guard case .array(let rows)? = json["rows"] else {
      throw ReportError("\(source): rows is missing; it must be the list of measurements")
    }
    var times: [Time] = []
    for (index, row) in rows.enumerated() {
      if let time = try Time(row, place: "\(source): rows[\(index)]") { times.append(time) }
    }
    guard !times.isEmpty else {
      throw ReportError("\(source): there is nothing to plot: no row's network begins with stack/")
    }
    self.source = source
    self.size = size
    positions = Set(times.map(\.position)).sorted()
    var series: [(name: String, times: [SpectrumPosition: Double])] = []
    for time in times {
      let index = series.firstIndex { $0.name == time.contender }
      if index == nil { series.append((time.contender, [:])) }
      series[index ?? series.count - 1].times[time.position] = time.milliseconds
    }
    self.series = series
    let processor = if case .string(let text)? = json["processor"] { text } else { "" }
    let threads = if case .integer(let count)? = json["threads"] { count } else { 0 }
    let rounds = Set(times.map(\.rounds)).sorted().map(String.init).joined(separator: " or ")
    subtitle = "\(processor), \(threads) threads · medians of \(rounds) rounds"
  }

  /// One measurement of the spectrum.
  private struct Time {
    let position: SpectrumPosition
    let contender: String
    let milliseconds: Double
    let rounds: Int

    /// - Returns: nil for a row of another network or mode.
    init?(_ row: JSON, place: String) throws(ReportError) {
      guard case .string(let network)? = row["network"], network.hasPrefix("stack/"),
        row["mode"] == "train"
      else { return nil }
      guard case .string(let contender)? = row["contender"], !contender.isEmpty else {
        throw ReportError("\(place).contender is missing; it must be a framework's name")
      }
      let milliseconds: Double? =
        switch row["milliseconds"] {
        case .number(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
      guard let milliseconds, milliseconds > 0 else {
        throw ReportError("\(place).milliseconds must be a number above 0")
      }
      self.contender = contender
      self.milliseconds = milliseconds
      let segments = if case .integer(let count)? = row["segments"] { "\(count)" } else { "" }
      position = SpectrumPosition(
        block: String(network.dropFirst("stack/".count)), segments: segments)
      rounds = if case .integer(let count)? = row["rounds"] { count } else { 1 }
    }
  }

  func picture(_ format: PlotFormat = .svg) throws(ReportError) -> PlotPicture {
    let times = series.flatMap(\.times.values)
    let (least, most) = (times.min() ?? 1, times.max() ?? 1)
    let page = try SpectrumPage(
      size: size, title: "How long does training take at each point of the spectrum?",
      subtitle: subtitle,
      legend: series.indices.map {
        (series[$0].name, PlotSample(line: Self.line($0), marker: PlotStyle.marker($0)))
      }, positions: positions,
      values: ValueAxis(
        title: "milliseconds an image", low: least / 1.3, high: most * 1.3, isLogarithmic: true))
    let canvas = page.canvas(format)
    let data = series.indices.map { PlotStyle.block("times\($0)", rows(of: $0)) }
    let layers = series.indices.map { index in
      "$times\(index) with linespoints linewidth \(canvas.stroke(2)) "
        + "pointtype \(PlotStyle.marker(index)) pointsize \(canvas.markSize(0.85)) "
        + "\(Self.line(index)) notitle"
    }
    let plot = "plot \\\n  " + layers.joined(separator: ", \\\n  ")
    let lines = [PlotStyle.axes(canvas)] + canvas.lines + data + [plot]
    return PlotPicture(page: page.page, format: format, script: lines.joined(separator: "\n"))
  }

  private func rows(of index: Int) -> [[Double]] {
    positions.enumerated().compactMap { place, position in
      series[index].times[position].map { [Double(place + 1), $0] }
    }
  }

  private static func line(_ index: Int) -> String {
    "linecolor rgb '\(PlotStyle.category(index))'"
  }
}
