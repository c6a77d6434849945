import Records
import Reports

/// The tables and plots of a results folder.
struct ReportFiles {
  var folder: String
  var title: String
  /// Its points, budgets and names are shown, and nobody else's.
  var asked: ExperimentRecord

  func write(_ records: [RunRecord], _ console: Console) throws {
    let table = try ResultTable(
      RunCollection(records: records, experiments: [], results: folder), view: .experiment(asked))
    try Output.write(table.markdown(folded: Output.terminalWidth))
    var written: [String] = []
    for (format, name) in [
      (TableFormat.markdown, "table.md"), (.csv, "table.csv"), (.latex, "table.tex"),
      (.json, "table.json"),
    ] {
      try Output.write(table.rendered(as: format), toFile: "\(folder)/\(name)")
      written.append(name)
    }
    do {
      for type in ["svg", "png"] {
        // A single point over an empty axis says nothing.
        if table.points.count > 1 {
          try Plot.continuum(table, title: title, to: "\(folder)/continuum.\(type)")
          written.append("continuum.\(type)")
        }
        try Plot.trainingCurves(table, to: "\(folder)/training.\(type)")
        written.append("training.\(type)")
      }
    } catch {
      console.note("no plots: \(error)")
    }
    console.note("written to \(folder): \(written.joined(separator: ", ")), runs/*.h5")
  }

  /// - Parameter next: what a user may do next.
  func write(single summary: RunSummary, next: [String], _ console: Console) throws {
    guard case .finished = summary.record.status else { return }
    var curves: [String] = []
    do {
      let table = try ResultTable(records: [summary.record], view: .experiment(asked))
      for type in ["svg", "png"] {
        try Plot.trainingCurves(table, title: title, to: "\(folder)/training.\(type)")
        curves.append("\(folder)/training.\(type)")
      }
    } catch {
      console.note("no plots: \(error)")
    }
    try Output.write(summary.text(curves: curves, next: next))
  }
}
