// SPDX-License-Identifier: Apache-2.0

import Records
import Reports

/// The tables and plots of a results folder.
struct ReportFiles {
  var folder: String
  var title: String
  /// Its points, budgets and names are shown, and nobody else's.
  var asked: ExperimentRecord

  func write(_ records: [RunRecord], _ console: Console) throws {
    var query = ResultQuery()
    query.defaults = SettingDefaults.value
    let table = try ResultTable(
      RunCollection(records: records, experiments: [], results: folder), view: .experiment(asked),
      query: query)
    // The files are wanted even where nobody reads the output.
    let output = Result { () throws(CommandError) in
      try Output.write(table.markdown(folded: Output.terminalWidth))
    }
    if let warning = table.latexWarning { console.note("table.tex: \(warning)") }
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
          let notes = try Plot.continuum(table, title: title, to: "\(folder)/continuum.\(type)")
          written.append("continuum.\(type)")
          if type == "svg" { notes.forEach(console.note) }
        }
        let notes = try Plot.trainingCurves(table, to: "\(folder)/training.\(type)")
        written.append("training.\(type)")
        if type == "svg" { notes.forEach(console.note) }
      }
    } catch {
      console.note("no plots: \(error)")
    }
    console.note("written to \(folder): \(written.joined(separator: ", ")), runs/*.h5")
    try output.get()
  }

  /// The curves of a single run, in a folder of its own called as a sweep's are; among other runs
  /// they are called by the run, so that they take the place of nobody else's.
  ///
  /// - Parameter next: what a user may do next.
  func write(single summary: RunSummary, next: [String], _ console: Console) throws {
    let hasFailed = summary.record.failure != nil
    var curves: [String] = []
    // A run that failed before its first evaluation has none.
    if !hasFailed || summary.record.curves["train/loss"]?.isEmpty == false {
      curves = drawCurves(of: summary, console)
    }
    try Output.write(summary.text(curves: curves, next: hasFailed ? [] : next))
  }

  /// Draws the curves of a single run and gives the pictures' paths.
  private func drawCurves(of summary: RunSummary, _ console: Console) -> [String] {
    var curves: [String] = []
    do {
      let table = try ResultTable(records: [summary.record], view: .experiment(asked))
      let others = try RunDirectory.files(in: folder).filter {
        !$0.hasSuffix("/\(summary.record.id).h5")
      }
      let name = others.isEmpty ? "training" : "training-\(summary.record.id)"
      for type in ["svg", "png"] {
        let path = "\(folder)/\(name).\(type)"
        let notes = try Plot.trainingCurves(table, title: title, to: path)
        if type == "svg" { notes.forEach(console.note) }
        curves.append(path)
      }
    } catch {
      console.note("no plots: \(error)")
    }
    return curves
  }
}
