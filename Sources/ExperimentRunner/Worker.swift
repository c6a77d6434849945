// SPDX-License-Identifier: Apache-2.0

import Datasets
import Foundation
import Records

/// A child process of a sweep: reads what runs to do from its input, one a line, does them, and
/// tells of them on standard output.
///
/// A line is a run's identifier, and behind a space the stamp of the file that it replaces, where
/// there is one. A worker keeps data sets in memory from run to run, and leaves when its input ends.
public struct Worker {
  public var runs: [PlannedRun]
  public var execution: RunExecution
  public var dataDirectory: String?

  public init(runs: [PlannedRun], execution: RunExecution, dataDirectory: String?) {
    self.runs = runs
    self.execution = execution
    self.dataDirectory = dataDirectory
  }

  /// Serves until the input ends or someone asks to stop.
  public func serve(_ input: WorkerInput) {
    var cache: [DatasetDescription: LoadedData] = [:]
    while let line = input.next(), !Interruption.isRequested {
      let words = line.split(separator: " ").map(String.init)
      var event = RunEvent(.error, run: words.first ?? "")
      guard let run = runs.first(where: { $0.id == event.run }) else {
        event.message = "the experiment has no run \(event.run)"
        if Self.send(event) { continue } else { break }
      }
      do {
        // The last data set goes before the next one comes: memory is counted for one.
        if cache[run.data] == nil { cache = [:] }
        let data = try cache[run.data] ?? LoadedData(run.data, directory: dataDirectory)
        cache = [run.data: data]
        let outcome = try execution.execute(
          run, data: data, replacing: words.dropFirst().first, report: Self.send)
        (event.kind, event.message) = Self.words(for: outcome)
      } catch {
        event.message = SystemReason.text(of: error)
      }
      if !Self.send(event) || event.kind == .interrupted { break }
    }
  }

  private static func words(
    for outcome: RunExecution.Outcome
  ) -> (kind: RunEvent.Kind, message: String?) {
    switch outcome {
    case .finished: (.finished, nil)
    case .found: (.found, nil)
    case .remade(let difference): (.finished, difference)
    case .failed(let reason): (.failed, reason)
    case .interrupted: (.interrupted, nil)
    case .busy: (.busy, nil)
    }
  }

  /// Writes a line; false where nobody reads any more.
  private static func send(_ event: RunEvent) -> Bool {
    let line = Data((event.line + "\n").utf8)
    return (try? FileHandle.standardOutput.write(contentsOf: line)) != nil
  }
}
