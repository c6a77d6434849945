// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What dead processes leave, and workers whose parent is dead.
@Suite struct LeftFilesTests {
  private static let experiment = """
    {"question": "Is it tidy?", "network": {"network": "probe", "width": 4},
     "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 32, "test": 32,
       "calibrationImages": 256}, "training": {"epochs": 1, "batch": 16}, "seeds": 1}
    """

  /// The number of a process that has ended.
  private func deadProcess() throws -> String {
    try Tool.shell("echo $$").output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test func theNextCommandRemovesWhatDeadProcessesLeft() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write(Self.experiment, to: "experiment.json")
    let dead = try deadProcess()
    let places = [
      "runs/a.h5.\(dead).part", "runs/.\(dead).lock", "checkpoints/a.h5.\(dead).part",
      "checkpoints/b.lock", "experiments/c.json.\(dead).part", "table.md.\(dead).part",
      "weights/a/epoch-0001.h5.\(dead).part",
    ]
    let living = "table.csv.\(getpid()).part"
    let results = scratch.url.appending(path: "results")
    func leave() throws {
      for place in places + [living] {
        let url = results.appending(path: place)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data("half".utf8).write(to: url)
      }
    }
    // Once with a run to do, and once with none.
    for _ in 0..<2 {
      try leave()
      let outcome = try Tool.run(["run", file, "--results", results.path, "--quiet"])
      #expect(outcome.exitCode == 0, "\(outcome.messages)")
      let left = try FileManager.default.subpathsOfDirectory(atPath: results.path)
        .filter { $0.hasSuffix(".part") || $0.hasSuffix(".lock") }
      #expect(left == [living])
    }
  }

  /// A parent that was killed before its worker looked for it.
  @Test func aWorkerWithoutItsParentBeginsNothing() throws {
    let scratch = try ScratchFolder()
    func worker(_ parent: String) throws -> Tool.Outcome {
      try Tool.shell("echo nonsense | continuum worker \(parent) --results R", in: scratch.url)
    }
    let watched = try worker("$$")
    #expect(
      watched.exitCode == 2 && watched.messages.contains("not valid JSON"), "\(watched.messages)")
    let orphan = try worker(try deadProcess())
    #expect(orphan.messages.isEmpty, "\(orphan.messages)")
  }
}
