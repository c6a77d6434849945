// SPDX-License-Identifier: Apache-2.0

import Records
import Tables

/// Plots of run files, drawn by gnuplot as SVG, PNG, PDF or TikZ, whichever the path ends in.
///
/// The same runs give the same SVG, byte for byte.
public enum Plot {
  /// The continuum curve: a metric against the points of the spectrum, in order, with 95 %
  /// confidence intervals, every seed as a dot, and one line for each value of the other settings.
  ///
  /// - Parameters:
  ///   - table: its rows, and the first of its metrics.
  ///   - title: the question; one is made from the runs unless told.
  /// - Returns: what does not meet the eye of who reads the figure: what was cut or is too large.
  /// - Throws: where there is nothing to draw, it has no room, gnuplot is missing, or the path
  ///   cannot be written.
  @discardableResult public static func continuum(
    _ table: ResultTable, title: String? = nil, size: PlotSize = PlotSize(), to path: String
  ) throws(ReportError) -> [String] {
    let plot = try ContinuumPlot(table, title: title, size: size)
    return try draw(plot.picture(try format(of: path)), to: path)
  }

  /// Training curves, the mean over seeds with its 95 % interval: one line a point of the
  /// spectrum, one column of panels for each value of the other settings, one row a curve. Failed
  /// runs are dashed, each by itself, to where they ended.
  ///
  /// - Parameters:
  ///   - table: its rows; the metric is of no meaning here.
  ///   - curves: the curves' keys; unless told, the loss and the accuracy of training, and those
  ///     of validation, or of the test where there is no validation.
  ///   - title: one is made from the runs unless told.
  /// - Returns: as for `continuum`.
  /// - Throws: where there is nothing to draw, it has no room, gnuplot is missing, or the path
  ///   cannot be written.
  @discardableResult public static func trainingCurves(
    _ table: ResultTable, curves: [String]? = nil, title: String? = nil,
    size: PlotSize = PlotSize(), to path: String
  ) throws(ReportError) -> [String] {
    let plot = try TrainingCurvesPlot(table, curves: curves, title: title, size: size)
    return try draw(plot.picture(try format(of: path)), to: path)
  }

  /// The times of Experiments/speed: a training step at every point of the spectrum, one line a
  /// framework, on a logarithmic axis.
  ///
  /// - Parameters:
  ///   - measurements: the text of Results/speed/measurements.json.
  ///   - source: its path, for messages.
  /// - Throws: where a field is missing, there is nothing to draw, it has no room, gnuplot is
  ///   missing, or the path cannot be written.
  public static func speed(
    measurements: String, source: String, size: PlotSize = PlotSize(), to path: String
  ) throws(ReportError) {
    let plot = try SpeedPlot(measurements: measurements, source: source, size: size)
    try Gnuplot.draw(plot.picture(try format(of: path)), to: path)
  }

  private static func draw(
    _ picture: PlotPicture, to path: String
  ) throws(ReportError) -> [String] {
    try Gnuplot.draw(picture, to: path)
    var notes = picture.page.notes
    if [.png, .pdf].contains(picture.format), let lacking = Glyphs.lacking {
      notes.append("no font here has \(lacking): a box stands for each; SVG keeps the text")
    }
    return notes.map { "\(path): \($0)" }
  }

  /// Accuracies over learning rates, the mean over seeds with its 95 % interval: one line an arm.
  ///
  /// - Throws: where it has no room, gnuplot is missing, or the path cannot be written.
  public static func rates(
    _ table: RateTable, size: PlotSize = PlotSize(), to path: String
  ) throws(ReportError) {
    try categories(table.figure, size: size, to: path)
  }

  /// A figure of values over named places.
  ///
  /// - Returns: as for `continuum`.
  /// - Throws: where it has no room, gnuplot is missing, or the path cannot be written.
  @discardableResult public static func categories(
    _ figure: CategoryFigure, size: PlotSize = PlotSize(), to path: String
  ) throws(ReportError) -> [String] {
    try draw(CategoryPlot(figure, size: size).picture(try format(of: path)), to: path)
  }

  private static func format(of path: String) throws(ReportError) -> PlotFormat {
    guard let format = PlotFormat(path: path) else {
      throw ReportError("\(path): a plot's name \(PlotFormat.rule)")
    }
    return format
  }
}

/// A script and the page it draws.
struct PlotPicture {
  let page: PlotPage
  let format: PlotFormat
  let script: String
}

/// The points of one value of everything but block and its segments: one line of a plot.
struct PlotSeries {
  /// `λ = 0`, `between = relu`; empty where nothing tells series apart.
  let name: String
  let points: [ResultPoint]

  /// Splits those of a table's points that have a finished run, or those given; they keep their
  /// order.
  static func series(of table: ResultTable, _ drawn: [ResultPoint]? = nil) -> [PlotSeries] {
    let drawn = drawn ?? table.drawn
    let all = Differences(table.points)
    let lines = split(drawn) { conditions(of: $0, in: all) }
    guard lines.count > 1 else { return lines }
    let named = Dictionary(grouping: lines.flatMap { line in line.names.map { ($0, line.name) } }) {
      $0.0
    }
    // A name is a line's where it has the line for itself; where names and lines cross, both tell.
    let isCrossed = lines.contains { $0.names.count > 1 } && named.keys.contains { $0 != nil }
    guard isCrossed else {
      return lines.map { line in
        guard let name = line.names.first ?? nil else { return line }
        let isAlone = named[name]?.count == 1
        return PlotSeries(name: isAlone ? name : "\(name), \(line.name)", points: line.points)
      }
    }
    let own = Dictionary(grouping: table.points, by: \.name).mapValues(Differences.init)
    return split(drawn) { point in
      guard let name = point.name, let own = own[name] else {
        return conditions(of: point, in: all)
      }
      return [name] + conditions(of: point, in: own)
    }
  }

  /// The names of its points.
  private var names: Set<String?> { Set(points.map(\.name)) }

  /// One line for each list of parts.
  private static func split(
    _ points: [ResultPoint], by parts: (ResultPoint) -> [String]
  ) -> [PlotSeries] {
    var series: [(name: String, points: [ResultPoint])] = []
    var places: [String: Int] = [:]
    for point in points {
      let name = parts(point).joined(separator: ", ")
      if let place = places[name] {
        series[place].points.append(point)
      } else {
        places[name] = series.count
        series.append((name, [point]))
      }
    }
    return series.map { PlotSeries(name: $0.name, points: $0.points) }
  }

  /// What differs among some rows.
  private struct Differences {
    let names: SettingNames
    /// Whether there are segmented blocks of both orders of their operations.
    let areInBothOrders: Bool
    let haveBudgets: Bool

    init(_ rows: [ResultPoint]) {
      names = SettingNames(rows)
      areInBothOrders = Set(rows.map(\.block))
        .isSuperset(of: ["segmented-inception", "segmented-separable"])
      haveBudgets = Set(rows.map { $0.budget.map(ColumnList.text) }).count > 1
    }
  }

  /// What a point's line is of, beside its place on the spectrum: all that differs among some rows.
  private static func conditions(of point: ResultPoint, in rows: Differences) -> [String] {
    let names = rows.names
    func isFromBudget(_ path: String) -> Bool { names.fromBudgets.contains(path) }
    var parts: [String] = []
    if rows.areInBothOrders, let order = order(of: point) { parts.append(order) }
    if rows.haveBudgets {
      parts.append(point.budget.map(ColumnList.text) ?? "no budget")
    }
    for path in names.conditions where path != SettingNames.width || !isFromBudget(path) {
      guard let value = names.value(of: path, in: point.settings) else { continue }
      if isFromBudget(path), value != .null {
        // The budget decides how wide, from place to place.
        parts.append("\(names.title(of: path)) as the budget needs")
        continue
      }
      parts.append("\(names.title(of: path)) = \(SettingNames.text(value, of: path))")
    }
    return parts
  }

  /// Which operation comes first, for tables of segmented blocks of both orders.
  private static func order(of point: ResultPoint) -> String? {
    switch point.block {
    case "segmented-inception", "extreme-inception": return "1×1 first"
    case "segmented-separable", "separable-conv": return "spatial first"
    default: return nil
    }
  }
}

extension ResultTable {
  /// The points that have something to draw.
  var drawn: [ResultPoint] { points.filter { !$0.finished.isEmpty } }

  /// The places on the spectrum that have points, in order.
  var positions: [SpectrumPosition] { Set(drawn.map(\.position)).sorted() }

  /// `matched at 2,500 and 2,600 parameters, or not matched`
  private var matched: String {
    let budgets = points.map(\.budget)
    let quantities = Set(budgets.compactMap { $0?.quantity }).sorted()
    guard !quantities.isEmpty else { return "costs not matched" }
    let texts = quantities.map { quantity in
      let targets = Set(budgets.compactMap { $0?.quantity == quantity ? $0?.target : nil }).sorted()
        .map(NumberText.grouped)
      let list =
        targets.count < 2
        ? targets.joined()
        : "\(NumberText.list(targets.dropLast())) and \(targets[targets.count - 1])"
      return "\(list) \(quantity)"
    }
    return "matched at \(texts.joined(separator: " or "))"
      + (budgets.contains(nil) ? ", or not matched" : "")
  }

  /// What was matched and how many seeds there are, for the line under a plot's title.
  var subtitle: String {
    let counts = Set(drawn.map { $0.values(of: metric).count }).sorted().map(String.init)
    let failed = points.reduce(0) { $0 + $1.failed.count }
    let seeds =
      counts.count < 2 ? counts.first ?? "0" : "\(counts[0]) to \(counts[counts.count - 1])"
    return "\(NumberText.list(experiments)) · \(matched) · n = \(seeds)"
      + (failed > 0 ? " · \(failed) failed" : "") + (filter.map { " · \($0)" } ?? "")
  }

  /// `only lambda = 0`; nil where all that there is was asked for.
  private var filter: String? {
    let texts = query.conditions.compactMap { try? Condition($0, source: "").text }
    return texts.isEmpty ? nil : "only \(texts.joined(separator: " and "))"
  }
}
