// SPDX-License-Identifier: Apache-2.0

import Engine
import Foundation
import ModelZoo
import Synchronization
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

  /// A run that another process does is left to it, and its lock is of no other run's concern.
  @Test func aHeldLockIsReportedBack() throws {
    let run = try #require(ExperimentText.runs().first)
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let held = try #require(try results.lock(of: run.id))
    #expect(FileLock.isHeld(results.lock(run.id)))
    let execution = RunExecution(
      experiment: "question", results: results, threads: 1, checkpointInterval: 1000,
      keepsWeights: false)
    let data = try LoadedData(run.data, directory: nil)
    #expect(try execution.execute(run, data: data) { _ in true } == .busy)
    #expect(!results.isBegun(run.id) && !results.isDone(run.id))
    held.release()
    #expect(!FileLock.isHeld(results.lock(run.id)))
    #expect(try execution.execute(run, data: data) { _ in true } == .finished)
    #expect(!FileManager.default.fileExists(atPath: results.lock(run.id)))
  }

  /// Two sweeps share a folder: the one that ends first leaves the other's locks and checkpoints.
  @Test func tidyingUpLeavesWhatIsHeld() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let lock = try #require(try results.lock(of: "a"))
    for name in ["a.h5.1.part", "b.h5.1.part", "c.lock", "d.h5"] {
      try Data().write(to: URL(fileURLWithPath: "\(results.checkpoints)/\(name)"))
      try Data().write(to: URL(fileURLWithPath: "\(results.runs)/\(name)"))
    }
    results.tidy()
    func left() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: results.checkpoints).sorted()
    }
    #expect(try left() == ["a.h5.1.part", "a.lock", "d.h5"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: results.runs).sorted()
        == ["a.h5.1.part", "c.lock", "d.h5"])
    lock.release()
    results.tidy()
    #expect(try left() == ["d.h5"])
    unlink("\(results.checkpoints)/d.h5")
    results.tidy()
    #expect(!FileManager.default.fileExists(atPath: results.checkpoints))
  }

  /// A lock's file that another user made may be locked by whoever may read it.
  @Test func aLockThatMayOnlyBeReadIsTaken() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    #expect(FileManager.default.createFile(atPath: results.lock("a"), contents: nil))
    #expect(chmod(results.lock("a"), 0o444) == 0)
    let lock = try #require(try results.lock(of: "a"))
    #expect(FileLock.isHeld(results.lock("a")))
    let second = try results.lock(of: "a")
    #expect(second == nil)
    lock.remove()
    #expect(!FileLock.isHeld(results.lock("a")))
  }

  /// Whoever may write into the folder may lock its files, as far as the user's mask allows.
  @Test func newLocksAreForAllWhoShareTheFolder() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let lock = try #require(try results.lock(of: "a"))
    defer { lock.remove() }
    var status = stat()
    #expect(stat(results.lock("a"), &status) == 0)
    let mask = umask(0)
    umask(mask)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }

  /// One thread takes locks while another tidies up: nobody fails, and no two hold the same lock.
  @Test func locksAndTidyingUpDoNotMeet() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    let holders = Holders()
    DispatchQueue.concurrentPerform(iterations: 4) { thread in
      for _ in 0..<400 {
        guard thread > 0 else {
          results.tidy()
          continue
        }
        do {
          guard let lock = try results.lock(of: "a") else { continue }
          #expect(holders.enter() == 1)
          holders.leave()
          lock.remove()
        } catch {
          Issue.record("\(error)")
        }
      }
    }
  }

  /// How many threads hold a lock.
  private final class Holders: Sendable {
    private let count = Mutex(0)

    func enter() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }

    func leave() { count.withLock { $0 -= 1 } }
  }

  /// A results folder that is gone does not come back by itself, without its runs.
  @Test func aFolderThatIsGoneIsAnError() throws {
    let results = ResultsFolder(path: path("shared"))
    try results.make()
    try FileManager.default.removeItem(atPath: results.path)
    let error = #expect(throws: RunnerError.self) { try results.lock(of: "a") }
    #expect(error?.description.contains("shared/runs is gone: it was removed") == true)
    #expect(!FileManager.default.fileExists(atPath: results.path))
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
