// SPDX-License-Identifier: Apache-2.0

import Foundation
import RandomStreams
import Records
import Testing

/// A disk that refuses. Every operation on the files of a sweep fails once, each in every way: nothing
/// is damaged, every failure is told with the file and the cause, and the same command then ends in
/// the same bits as if nothing had happened.
///
/// Of the failures a seeded sample is tried; CONTINUUM_FAULTS=all (`make faults`) tries all.
@Suite(.serialized, .enabled(if: Interposer.isPossible, Interposer.need)) struct FaultTests {
  /// The operation with the number FAULT_AT, of those of a process on what lies under FAULT_UNDER,
  /// fails with the error FAULT_CODE; -1 stands for half of a write, which is no error. Every
  /// operation is noted in FAULT_LOG, if there is one.
  private static let source = #"""
    #include <dlfcn.h>
    #include <errno.h>
    #include <fcntl.h>
    #include <stdarg.h>
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <sys/stat.h>
    #include <unistd.h>

    static int count;

    static int is_under(const char *path) {
      const char *folder = getenv("FAULT_UNDER");
      return folder && path && strncmp(path, folder, strlen(folder)) == 0;
    }

    static const char *path_of(int file, char *path) {
      char link[64];
      snprintf(link, sizeof link, "/proc/self/fd/%d", file);
      ssize_t length = readlink(link, path, 4095);
      path[length < 0 ? 0 : length] = 0;
      return path;
    }

    // The error that an operation is to end with; 0 for none.
    static int fault(const char *operation, const char *path) {
      if (!is_under(path)) return 0;
      int number = __atomic_add_fetch(&count, 1, __ATOMIC_SEQ_CST);
      const char *log = getenv("FAULT_LOG");
      if (log) {
        FILE *file = fopen(log, "a");
        if (file) { fprintf(file, "%d %d %s %s\n", getpid(), number, operation, path); fclose(file); }
      }
      const char *at = getenv("FAULT_AT");
      return at && atoi(at) == number ? atoi(getenv("FAULT_CODE")) : 0;
    }

    #define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
    #define FAIL(code) do { errno = (code) < 0 ? EIO : (code); return -1; } while (0)

    static int opened(const char *name, const char *path, int flags, mode_t mode) {
      if (flags & O_CREAT) {
        int code = fault("open", path);
        if (code) FAIL(code);
      }
      return ((int (*)(const char *, int, mode_t))dlsym(RTLD_NEXT, name))(path, flags, mode);
    }

    #define OPEN(name) int name(const char *path, int flags, ...) { \
      va_list rest; \
      va_start(rest, flags); \
      mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
      va_end(rest); \
      return opened(#name, path, flags, mode); \
    }
    OPEN(open)
    OPEN(open64)

    ssize_t write(int file, const void *bytes, size_t length) {
      char path[4096];
      int code = file > 2 ? fault("write", path_of(file, path)) : 0;
      if (code > 0) FAIL(code);
      return REAL(write)(file, bytes, code < 0 && length > 1 ? length / 2 : length);
    }

    int fsync(int file) {
      char path[4096];
      int code = fault("fsync", path_of(file, path));
      if (code) FAIL(code);
      return REAL(fsync)(file);
    }

    int close(int file) {
      char path[4096];
      const char *name = file > 2 ? path_of(file, path) : "";
      int code = strstr(name, ".part") ? fault("close", name) : 0;
      int result = REAL(close)(file);
      if (code) FAIL(code);
      return result;
    }

    int rename(const char *from, const char *to) {
      int code = fault("rename", to);
      if (code) FAIL(code);
      return REAL(rename)(from, to);
    }

    int mkdir(const char *path, mode_t mode) {
      int code = fault("mkdir", path);
      if (code) FAIL(code);
      return REAL(mkdir)(path, mode);
    }
    """#

  private static let experiment = """
    {
      "question": "Is it whole?",
      "data": {"kind": "coupling", "channels": 4, "classes": 4, "size": 6, "train": 32, "test": 32,
        "calibrationImages": 256},
      "network": {"network": "probe", "width": 4},
      "training": {"epochs": 2, "batch": 16},
      "seeds": 2,
    }
    """

  private let scratch: ScratchFolder
  private let file: String
  private let interposer: Interposer

  init() throws {
    scratch = try ScratchFolder()
    file = try scratch.write(Self.experiment, to: "experiment.json")
    interposer = try Interposer(Self.source, in: scratch)
  }

  private func path(_ name: String) -> String { scratch.url.appending(path: name).path }

  /// - Parameter variables: of the interposed library; nil to run without it.
  private func run(_ results: String, _ variables: String? = nil) throws -> Tool.Outcome {
    let prefix = variables.map {
      "\(interposer.prefix) FAULT_UNDER=\(path(results)) \($0)"
    }
    return try Tool.shell(
      """
      export PATH=$PATH \(prefix ?? ""); exec timeout -k 5 100 \
      continuum run \(file) --results \(path(results)) --jobs 1 --keep-weights --checkpoint-every 0
      """)
  }

  /// All that a run must have in common with another of its kind.
  private func bits(_ results: String) throws -> [String] {
    try RunDirectory.records(in: path(results), reading: [.predictions, .weights]).map { run in
      let curves = run.curves.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value.map(\.bitPattern))" }
      let metrics = run.metrics.sorted { $0.key < $1.key }
        .map { "\($0.key) \($0.value.bitPattern)" }
      let weights = run.weights.map { "\($0.path) \($0.values.map(\.bitPattern).hashValue)" }
      return "\(run.id) \(curves) \(metrics) \(run.predictions?.predicted ?? []) \(weights)"
    }
  }

  @Test func aFailureOfTheDiskDamagesNothing() throws {
    let calm = try run("calm", "FAULT_LOG=\(path("log"))")
    try #require(calm.exitCode == 0, "\(calm.messages)")
    let expected = try bits("calm")
    let log = try String(contentsOfFile: path("log"), encoding: .utf8)
    let operations = log.split(separator: "\n").map { $0.split(separator: " ") }
    // The sweep's own and its worker's have numbers of their own.
    let last = try #require(operations.compactMap { Int($0[1]) }.max())
    #expect(last > 20, "\(log)")
    for name in ["open", "write", "fsync", "close", "rename", "mkdir"] {
      #expect(operations.contains { $0[2] == name }, "\(name)")
    }
    let codes = [EIO, ENOSPC, EACCES, -1]
    let isComplete = ProcessInfo.processInfo.environment["CONTINUUM_FAULTS"] == "all"
    var random = RandomStream(seed: 1, "faults")
    for number in 1...last {
      // Neighbours are alike: a failure of every sixteenth operation is tried.
      let drawn = codes[random.integer(below: codes.count)]
      for code in codes where isComplete || (number % 16 == 3 && code == drawn) {
        try check(number, code, expected)
      }
    }
  }

  private func check(_ number: Int, _ code: Int32, _ expected: [String]) throws {
    let results = "at\(number)\(code)"
    let outcome = try run(results, "FAULT_AT=\(number) FAULT_CODE=\(code)")
    let told = "operation \(number), error \(code): \(outcome.exitCode) \(outcome.messages)"
    #expect(!outcome.wasKilled && [0, 1, 2].contains(outcome.exitCode), "\(told)")
    for word in ["Error Domain", "Fatal", "rip 0x", "0x0", "HDF5:", "its process"] {
      #expect(!outcome.messages.contains(word), "\(told)")
    }
    if outcome.exitCode != 0 {
      let reason = String(cString: strerror(code < 0 ? EIO : code))
      let line = outcome.messageLines.first { $0.contains(path(results)) && $0.contains(reason) }
      #expect(line != nil, "\(told)")
    }
    let again = try run(results)
    #expect(again.exitCode == 0, "\(told)\nagain: \(again.messages)")
    #expect(!again.messages.contains("damaged"), "\(told)\nagain: \(again.messages)")
    #expect(try bits(results) == expected, "\(told)")
    let left = try FileManager.default.subpathsOfDirectory(atPath: path(results))
      .filter { $0.hasSuffix(".part") || $0.contains("checkpoints") }
    #expect(left == [], "\(told)")
  }
}
