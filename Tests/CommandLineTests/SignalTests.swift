// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records
import Testing

/// What signals do to a sweep and its workers.
@Suite(.serialized) struct SignalTests {
  private static let experiment = """
    {
      "question": "Does it end?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 64, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4},
      "training": {"epochs": 100000, "evaluateEveryEpochs": 100000, "batch": 16},
      "seeds": 2,
    }
    """

  private let scratch: ScratchFolder
  private let file: String

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(Self.experiment, to: "experiment.json")
  }

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  /// Lines of shell about a sweep that is going on: `$sweep`, and its two `$workers`.
  ///
  /// - Parameters:
  ///   - files: of the checkpoints, so that two of them are there before the lines begin.
  ///   - prefix: what stands before the command.
  private func shell(
    _ lines: String, until files: String = "*.h5", _ prefix: String = ""
  ) throws -> Tool.Outcome {
    try Tool.shell(
      """
      \(prefix) continuum run \(file) --results \(path("results")) --jobs 2 --checkpoint-every 0 \
        > /dev/null 2> \(path("told")) &
      sweep=$!
      # A minute for what takes a moment: a limit for hangs.
      await() {
        for attempt in $(seq 1200); do eval "$1" && return 0; sleep 0.05; done
        kill -KILL $sweep; exit 77
      }
      gone() { await "! kill -0 $1 2> /dev/null"; }
      await '[ $(ls \(path("results"))/checkpoints/\(files) 2> /dev/null | wc -l) = 2 ]'
      workers=$(pgrep -P $sweep)
      \(lines)
      """)
  }

  private func told() throws -> String {
    try String(contentsOfFile: path("told"), encoding: .utf8)
  }

  /// Workers that are stopped go on, leave their checkpoints, and end.
  @Test func stoppedWorkersDoNotKeepASweepFromStopping() throws {
    let outcome = try shell("kill -STOP $workers; kill -TERM $sweep; gone $sweep; wait $sweep")
    let told = try told()
    #expect(outcome.exitCode == 130, "\(told)")
    #expect(told.contains("stopped with 0 of 2 runs done; the same command goes on"), "\(told)")
    #expect(!told.contains("its process"), "\(told)")
  }

  /// Workers that do not come to the end of a step, here for a disk that does not answer, are ended.
  @Test(.enabled(if: Interposer.isPossible, Interposer.need))
  func workersThatHangAreEnded() throws {
    let interposer = try Interposer(
      """
      #include <dlfcn.h>
      #include <string.h>
      #include <unistd.h>
      int rename(const char *from, const char *to) {
        while (strstr(to, "checkpoints")) pause();
        return ((int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename"))(from, to);
      }
      """, in: scratch)
    let outcome = try shell(
      "kill -TERM $sweep; gone $sweep; wait $sweep", until: "*.part", interposer.prefix)
    let told = try told()
    #expect(outcome.exitCode == 130, "\(told)")
    #expect(told.contains("stopped with 0 of 2 runs done; the same command goes on"), "\(told)")
    let left = try FileManager.default.contentsOfDirectory(atPath: path("results"))
    #expect(!left.contains("checkpoints"))
  }

  /// Foundation ends the program where a signal comes between a read; Swift shows registers.
  @Test func quitEndsWorkersAndSweepsWithoutNoise() throws {
    let outcome = try shell(
      """
      kill -QUIT $(echo $workers | cut -d' ' -f1)
      await "grep -q 'its process was ended by SIGQUIT' \(path("told"))"
      kill -CONT $sweep; kill -WINCH $sweep
      kill -QUIT $sweep; gone $sweep; wait $sweep
      """)
    #expect(outcome.exitCode == 128 + SIGQUIT)
    let told = try told()
    #expect(told.contains("ended by SIGQUIT, which somebody sent; it goes on in a new process"))
    #expect(!told.contains("Fatal error") && !told.contains("rip 0x"), "\(told)")
  }

  /// A checkpoint that is of no use is not counted among those to go on with.
  @Test func aDamagedCheckpointIsToldAsOne() throws {
    let outcome = try shell(
      """
      kill -TERM $sweep; gone $sweep; wait $sweep
      damaged=$(ls \(path("results"))/checkpoints/*.h5 | head -1)
      printf x | dd of=$damaged bs=1 seek=900 conv=notrunc status=none
      continuum run \(file) --results \(path("results")) --jobs 2 > /dev/null 2> \(path("told")) &
      sweep=$!
      await "grep -q 'begins anew' \(path("told"))"
      kill -TERM $sweep; gone $sweep; wait $sweep
      """)
    #expect(outcome.exitCode == 130)
    let told = try told()
    #expect(told.contains("2 runs, 0 done before, 1 to go on with; "), "\(told)")
    #expect(told.contains("begins anew: its checkpoint is damaged: "), "\(told)")
  }
}
