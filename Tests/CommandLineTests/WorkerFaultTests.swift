// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A disk that fails where a worker opens or closes a lock or a checkpoint. Where something could be lost
/// the sweep ends with 1; where not, a note says so; nothing hangs, and the same command then goes on.
///
/// One operation of each kind is tried; CONTINUUM_FAULTS=all (`make faults`) tries all.
@Suite(.serialized, .enabled(if: Interposer.isPossible, Interposer.need)) struct WorkerFaultTests {
  /// In workers, the operation with the number FAULT_AT fails with EIO. Every operation is noted in
  /// FAULT_LOG, if there is one.
  private static let source = #"""
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <unistd.h>

    static int count;

    static int is_worker(void) {
      static int known = -1;
      if (known >= 0) return known;
      char words[4096];
      FILE *file = fopen("/proc/self/cmdline", "r");
      size_t length = file ? fread(words, 1, sizeof words, file) : 0;
      if (file) fclose(file);
      return known = memmem(words, length, "\0worker", 8) != NULL;
    }

    static int fails(const char *operation, const char *path) {
      if (!strstr(path, "/checkpoints/") || !is_worker()) return 0;
      int number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
      const char *log = getenv("FAULT_LOG"), *at = getenv("FAULT_AT");
      FILE *file = log ? fopen(log, "a") : NULL;
      if (file) fprintf(file, "%d %s%s\n", number, operation, strrchr(path, '.')), fclose(file);
      if (!at || atoi(at) != number) return 0;
      errno = EIO;
      return 1;
    }

    #define OPEN(name) int name(const char *path, int flags, ...) { \
      va_list rest; \
      va_start(rest, flags); \
      mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
      va_end(rest); \
      if (fails("open", path)) return -1; \
      return ((int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, #name))(path, flags, mode); \
    }
    OPEN(open)
    OPEN(open64)

    // The worst case: the file stays open, and what is locked by it stays locked.
    int close(int file) {
      char link[64], path[4096];
      snprintf(link, sizeof link, "/proc/self/fd/%d", file);
      ssize_t length = file > 2 ? readlink(link, path, 4095) : 0;
      path[length < 0 ? 0 : length] = 0;
      if (fails("close", path)) return -1;
      return ((int (*)(int))dlsym(RTLD_NEXT, "close"))(file);
    }
    """#

  private let scratch: ScratchFolder
  private let file: String
  private let interposer: Interposer

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(
      """
      {"question": "Is it whole?", "network": {"network": "probe", "width": 4},
       "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 32, "test": 32,
         "calibrationImages": 256}, "training": {"epochs": 2, "batch": 16}, "seeds": 1}
      """, to: "experiment.json")
    interposer = try Interposer(Self.source, in: scratch)
  }

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  private func run(_ results: String, _ variables: String) throws -> Tool.Outcome {
    try Tool.shell(
      """
      export PATH=$PATH \(interposer.prefix) \(variables); exec timeout -k 5 100 \
      continuum run \(file) --results \(path(results)) --jobs 1 --checkpoint-every 0
      """)
  }

  /// The operations of a run, in order: `open.lock`.
  private func operations(_ results: String) throws -> [String] {
    try? FileManager.default.removeItem(atPath: path("log"))
    let outcome = try run(results, "FAULT_LOG=\(path("log"))")
    try #require(outcome.exitCode == 0, "\(outcome.messages)")
    return try String(contentsOfFile: path("log"), encoding: .utf8).split(separator: "\n")
      .map { String($0.split(separator: " ")[1]) }
  }

  @Test func everyFailureIsToldAndNothingIsLost() throws {
    let all = try operations("calm")
    let last = try #require(all.lastIndex(of: "open.part"))
    // What fails so late leaves the checkpoint of before.
    let begun = try run("begun", "FAULT_AT=\(last + 1)")
    #expect(begun.exitCode == 1, "\(begun.messages)")
    try FileManager.default.copyItem(atPath: path("begun"), toPath: path("resumed"))
    let resumed = try operations("resumed")
    let isComplete = ProcessInfo.processInfo.environment["CONTINUUM_FAULTS"] == "all"
    let kinds = ["open.lock", "close.lock", "open.h5"]
    let tried =
      isComplete ? Array(resumed.indices) : kinds.compactMap { resumed.firstIndex(of: $0) }
    #expect(isComplete || tried.count == kinds.count, "\(resumed)")
    for number in tried { try check(number, resumed[number], of: "begun") }
  }

  private func check(_ number: Int, _ operation: String, of begun: String) throws {
    let results = "at\(number)"
    try FileManager.default.copyItem(atPath: path(begun), toPath: path(results))
    let outcome = try run(results, "FAULT_AT=\(number + 1)")
    let told = "\(operation): \(outcome.exitCode) \(outcome.messages)"
    #expect(!outcome.wasKilled && [0, 1].contains(outcome.exitCode), "\(told)")
    #expect(!outcome.messages.contains("begins anew") && !outcome.messages.contains("its process"))
    let reason = "Input/output error"
    switch operation {
    case "close.lock":
      #expect(
        outcome.exitCode == 0 && outcome.messages.contains("\(reason); nothing is lost"), "\(told)")
    // HDF5 closes what it has read; by then nothing can be lost.
    case "close.h5" where outcome.exitCode == 0: break
    default: #expect(outcome.exitCode == 1 && outcome.messages.contains(reason), "\(told)")
    }
    let again = try run(results, "")
    #expect(again.exitCode == 0, "\(told)\nagain: \(again.messages)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: path(results))
      .filter { $0.hasSuffix(".part") || $0.contains("checkpoints") }
    #expect(left == [], "\(told)")
  }
}
