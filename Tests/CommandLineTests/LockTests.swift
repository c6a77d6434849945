// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// File systems that have no locks.
@Suite struct LockTests {
  private static let source = """
    #include <errno.h>
    int flock(int file, int operation) { errno = ENOLCK; return -1; }
    """

  @Test(.enabled(if: Interposer.isPossible, Interposer.need))
  func whereNothingCanBeLockedOneSentenceSaysWhatToDo() throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write(
      """
      {"question": "Is it locked?", "network": {"network": "probe", "width": 4},
       "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64, "test": 32,
         "calibrationImages": 256}, "training": {"epochs": 1, "batch": 16}, "seeds": 2}
      """, to: "experiment.json")
    let interposer = try Interposer(Self.source, in: scratch)
    let command = "\(interposer.prefix) continuum run \(file) --results results --jobs 2"
    let refused = try Tool.shell(command, in: scratch.url)
    #expect(refused.exitCode == 2, "\(refused.messages)")
    let line = try #require(refused.messageLines.last)
    #expect(
      line.hasPrefix("continuum run: results: its files cannot be locked, so that ")
        && line.contains("--results") && line.contains("--no-locks")
        && line.hasSuffix(": No locks available"), "\(line)")
    let done = try Tool.shell("\(command) --no-locks", in: scratch.url)
    #expect(done.exitCode == 0, "\(done.messages)")
    let results = scratch.url.appending(path: "results")
    #expect(try RunDirectory.records(in: results.path).count == 2)
    #expect(!FileManager.default.fileExists(atPath: results.appending(path: "checkpoints").path))
  }
}
