import Engine
import Foundation
import ModelZoo
import Testing

@testable import ExperimentRunner

/// Folders and locks that others use, too.
@Suite struct SharingTests {
  private let scratch: ScratchFolder

  init() throws {
    scratch = try ScratchFolder()
  }

  private func path(_ name: String) -> String { scratch.url.appendingPathComponent(name).path }

  // MARK: Locks

  /// A process that waits says so once, goes when it is told to, and takes its turn otherwise.
  @Test func aHeldLockIsWaitedForAsLongAsOneWants() throws {
    let run = try #require(ExperimentText.runs().first)
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let held = try #require(try FileLock.wait(for: results.lock(run.id)) { false })
    #expect(!FileLock.isFree(results.lock(run.id)))
    let execution = RunExecution(
      experiment: "question", results: results, threads: 1, checkpointInterval: 1000,
      keepsWeights: false)
    let data = try LoadedData(run.data, directory: nil)
    var events: [RunEvent.Kind] = []
    let outcome = try execution.execute(run, data: data) { event in
      events.append(event.kind)
      return false
    }
    #expect(outcome == .interrupted)
    #expect(events == [.waiting])
    #expect(!results.isBegun(run.id))
    events = []
    #expect(
      try execution.execute(run, data: data) { event in
        if event.kind == .waiting { held.release() }
        if events.last != event.kind { events.append(event.kind) }
        return true
      } == .finished)
    #expect(events == [.waiting, .progress])
  }

  /// Two sweeps share a folder: the one that ends first leaves the other's locks and checkpoints.
  @Test func tidyingUpLeavesWhatIsHeld() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let lock = try #require(try FileLock.wait(for: results.lock("a")) { false })
    results.removeEmptyCheckpoints()
    #expect(FileManager.default.fileExists(atPath: results.lock("a")))
    lock.release()
    results.removeEmptyCheckpoints()
    #expect(!FileManager.default.fileExists(atPath: results.checkpoints))
  }

  // MARK: Folders

  @Test func aFolderThatCannotBeMadeSaysWhichAndWhy() throws {
    try Data().write(to: URL(fileURLWithPath: path("file")))
    for (folder, message) in [
      ("file", "\(path("file")): cannot hold results: Not a directory"),
      ("file/deeper", "\(path("file")): cannot hold results: Not a directory"),
      ("file/..", "\(path("file")): cannot hold results: Not a directory"),
    ] {
      let error = #expect(throws: (any Error).self) {
        try ResultsFolder(path: "\(scratch.url.path)/\(folder)").make()
      }
      #expect(error.map { "\($0)" } == message)
    }
    let error = #expect(throws: (any Error).self) { try ResultsFolder(path: "/proc/new").make() }
    #expect(
      error.map { "\($0)" }
        == "/proc/new: cannot be made to hold results: No such file or directory")
  }

  // MARK: Estimates

  /// Whatever is asked for, no step larger than a bound is run to tell how long it would take.
  @Test func stepsThatAreTooLargeAreNotRun() throws {
    func graph(_ width: Int) throws -> Graph {
      let network = try NetworkDescription(
        ["network": "probe", "width": .integer(width), "block": ["kind": "regular-conv"]],
        source: "test")
      return try network.graph(input: Shape(height: 16, width: 16, channels: 8), classes: 8)
    }
    #expect(try StepTiming.fittingBatch(graph(16), atMost: 64, threads: 1) == 64)
    let some = try StepTiming.fittingBatch(graph(1024), atMost: 64, threads: 1)
    #expect(some > 0 && some < 64)
    #expect(try StepTiming.fittingBatch(graph(8192), atMost: 64, threads: 1) == 0)
    #expect(try StepTiming.fittingBatch(graph(16), atMost: .max / 8, threads: 1) < 1 << 20)
    let clock = SuspendingClock()
    var timings: [StepTiming] = []
    let duration = try clock.measure {
      timings = try [16, 1024, 8192].map { try StepTiming(graph($0), batch: 64, threads: 1) }
    }
    #expect(timings.map(\.isMeasured) == [true, false, false])
    #expect(timings[0].seconds > 0)
    #expect(timings[2].seconds > 4 * timings[1].seconds && timings[2].seconds.isFinite)
    #expect(duration < .seconds(60))
  }
}
