import ExperimentRunner
import Foundation
import Records
import Reports

extension Sweep {
  /// Prints the table of the runs that are done and writes it, with the plots, beside them.
  ///
  /// A failure is told where it happens; here only those of earlier times are.
  /// - Returns: how many runs are done, well or not, and how many failed or could not be done.
  func report(
    _ runs: [PlannedRun], _ summary: Scheduler.Summary, _ console: Console
  ) throws -> (done: Int, failed: Int) {
    let done = runs.filter { results.isDone($0.id) }
    guard !done.isEmpty else { return (0, summary.errors.count) }
    let records = try done.map { try RunRecord(contentsOf: results.run($0.id), reading: []) }
    try ReportFiles(folder: results.path, title: experiment.question, asked: asked(runs))
      .write(records, console)
    var failed = 0
    for (run, record) in zip(done, records) {
      guard case .failed(let reason) = record.status else { continue }
      failed += 1
      if !summary.failed.contains(run.id) {
        console.note("failed at an earlier time: \(run.title): \(reason)")
      }
    }
    return (done.count, failed + summary.errors.count)
  }

  /// What the experiment asks of its runs: its points and budgets.
  private func asked(_ runs: [PlannedRun]) -> ExperimentRecord {
    let points = runs.map { run in
      ExperimentRecord.Point(
        budget: run.budget, runs: [ExperimentRecord.Run(seed: run.seed, id: run.id)])
    }
    return ExperimentRecord(
      name: experiment.name, question: experiment.question, asked: "", experiment: "",
      points: points)
  }
}

/// The tables and plots of a results folder.
struct ReportFiles {
  var folder: String
  var title: String
  /// Its points, budgets and names are shown, and nobody else's.
  var asked: ExperimentRecord

  func write(_ records: [RunRecord], _ console: Console) throws {
    let table = try ResultTable(records: records, view: .experiment(asked))
    let records = asked.shown(records)
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

extension RunDirectory {
  /// The runs of a folder that a user wants to see, each once; damaged files are told of.
  ///
  /// - Throws: where there are none.
  static func reported(in folder: String) throws(ReportError) -> [RunRecord] {
    let runs = try RunCollection(folders: [folder])
    for damage in runs.damaged { Console.writeLine("left out: \(damage.description)") }
    return runs.records
  }
}
