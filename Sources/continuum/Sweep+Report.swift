import ExperimentRunner
import Foundation
import Records
import Reports

extension Sweep {
  /// Prints the table of the runs that are done and writes it, with the plots, beside them.
  ///
  /// - Returns: the runs whose files say that they failed, now or at an earlier time, and why.
  func report(
    _ runs: [PlannedRun], _ console: Console
  ) throws -> [(run: PlannedRun, reason: String)] {
    let done = runs.filter { results.isDone($0.id) }
    guard !done.isEmpty else { return [] }
    let records = try done.map { try RunRecord(contentsOf: results.run($0.id), reading: []) }
    try ReportFiles(folder: results.path, title: experiment.question).write(records, console)
    return zip(done, records).compactMap { run, record in
      if case .failed(let reason) = record.status { (run, reason) } else { nil }
    }
  }
}

/// The tables and plots of a results folder.
struct ReportFiles {
  var folder: String
  var title: String

  func write(_ records: [RunRecord], _ console: Console) throws {
    let table = try ResultTable(records: records)
    try Output.write(table.rendered(as: .markdown))
    for (format, name) in [
      (TableFormat.markdown, "table.md"), (.csv, "table.csv"), (.latex, "table.tex"),
      (.json, "table.json"),
    ] {
      try Output.write(table.rendered(as: format), toFile: "\(folder)/\(name)")
    }
    var written = ["table.md", "table.csv", "table.tex", "table.json"]
    do {
      for type in ["svg", "png"] {
        try Plot.continuum(records: records, title: title, to: "\(folder)/continuum.\(type)")
        try Plot.trainingCurves(records: records, to: "\(folder)/training.\(type)")
        written += ["continuum.\(type)", "training.\(type)"]
      }
    } catch {
      console.note("no plots: \(error)")
    }
    console.note("written to \(folder): \(written.joined(separator: ", ")), runs/*.h5")
  }
}
