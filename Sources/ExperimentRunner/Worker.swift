import Datasets
import Foundation

/// A child process of a sweep: reads identifiers of runs from standard input, one a line, does them,
/// and tells of them on standard output.
///
/// A worker keeps data sets in memory from run to run, and leaves when its input ends.
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
  public func serve() {
    var cache: [DatasetDescription: LoadedData] = [:]
    while let line = readLine(), !Interruption.isRequested {
      var event = RunEvent(.error, run: line)
      guard let run = runs.first(where: { $0.id == line }) else {
        event.message = "the experiment has no run \(line)"
        if Self.send(event) { continue } else { break }
      }
      do {
        // The last data set goes before the next one comes: memory is counted for one.
        if cache[run.data] == nil { cache = [:] }
        let data = try cache[run.data] ?? LoadedData(run.data, directory: dataDirectory)
        cache = [run.data: data]
        switch try execution.execute(run, data: data, report: Self.send) {
        case .finished: event.kind = .finished
        case .interrupted: event.kind = .interrupted
        case .failed(let reason): (event.kind, event.message) = (.failed, reason)
        }
      } catch {
        event.message = "\(error)"
      }
      if !Self.send(event) || event.kind == .interrupted { break }
    }
  }

  /// Writes a line; false where nobody reads any more.
  private static func send(_ event: RunEvent) -> Bool {
    let line = Data((event.line + "\n").utf8)
    return (try? FileHandle.standardOutput.write(contentsOf: line)) != nil
  }
}
