import Records
import Settings
import Tables

/// The file formats of tables.
public enum TableFormat: String, CaseIterable, Sendable {
  case markdown, csv, latex, json
}

/// Results of a sweep, one row a point, rebuilt from run files alone.
///
/// Rows follow the spectrum: regular convolution, 1, 2, 4, … segments, extreme, separable, others.
/// Nothing is ever marked as the best: the intervals are there to be read.
public struct ResultTable: Sendable {
  /// The metric's key, e.g. `test/top1`.
  public let metric: String
  /// The block that the others are compared with, seed by seed; nil for none.
  public let against: String?
  /// The rows.
  public let points: [ResultPoint]

  /// - Parameters:
  ///   - records: runs of any number of points and seeds, in any order.
  ///   - metric: the key of a final metric.
  ///   - against: the key of the block whose results are subtracted from those of the others.
  /// - Throws: where there is no run, no finished run has the metric, or no run has the block.
  public init(
    records: [RunRecord], metric: String = "test/top1", against: String? = nil
  ) throws(ReportError) {
    guard !records.isEmpty else { throw ReportError("there are no runs to report") }
    let finished = records.filter { $0.status == .finished }
    let known = Set(finished.flatMap(\.metrics.keys)).sorted()
    guard finished.isEmpty || known.contains(metric) else {
      let hint = Spelling.nearest(to: metric, among: known).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the metric \"\(metric)\"; "
          + "known here: \(NumberText.list(known))\(hint ?? "")")
    }
    self.metric = metric
    self.against = against
    points = ResultPoint.points(of: records)
    let blocks = Set(points.compactMap { $0.label("block") }).sorted()
    if let against, !blocks.contains(against) {
      let hint = Spelling.nearest(to: against, among: blocks).map { " (did you mean \"\($0)\"?)" }
      throw ReportError(
        "no run has the block \"\(against)\"; "
          + "known here: \(NumberText.list(blocks))\(hint ?? "")")
    }
  }

  /// The table as text, with a line feed at its end.
  public func rendered(as format: TableFormat) -> String {
    switch format {
    case .markdown: markdown
    case .csv: csv
    case .latex: latex
    case .json: json
    }
  }

  /// The names of the labels that tell points apart, `block` always among them.
  var varyingLabels: [String] {
    ResultPoint.labelNames(of: points).filter { name in
      name == "block" || Set(points.map { $0.label(name) }).count > 1
    }
  }

  /// The labels that all points share.
  var fixedLabels: [RunRecord.Label] {
    let varying = varyingLabels
    return (points.first?.labels ?? []).filter { !varying.contains($0.name) && $0.value != "" }
  }

  /// All different budgets as text, e.g. `2,570 parameters`.
  var budgets: [String] {
    var budgets: [String] = []
    for point in points {
      let text = point.budget.map { "\(NumberText.grouped($0.target)) \($0.quantity)" }
      let budget = text ?? "no budget"
      if !budgets.contains(budget) { budgets.append(budget) }
    }
    return budgets
  }

  /// All different experiments, sorted.
  var experiments: [String] { Set(points.map(\.experiment)).sorted() }
}
