// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A program that was run to its end. `wait4` alone says what memory a single child took, so this is
/// not Foundation's `Process`.
struct ChildProcess {
  let exitCode: Int32
  /// Ended by a signal, whose number `exitCode` then is.
  let wasKilled: Bool
  let output: String
  let messages: String
  /// The most memory that the child, or one that it waited for, had resident; at least what this
  /// process has, whose pages a child begins with.
  let peakBytes: Int

  /// Starts the program and waits for it; it reads nothing.
  ///
  /// - Parameter words: the program's path and its arguments.
  init(_ words: [String], environment: [String: String], directory: String?) throws {
    // Files without a name: unlike pipes they hold any length.
    guard let output = tmpfile(), let messages = tmpfile() else { throw Failure(errno: errno) }
    defer {
      fclose(output)
      fclose(messages)
    }
    // posix_spawn alone cannot change the folder in all C libraries.
    let change = directory.map { ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, $0] } ?? []
    let child = try Self.start(
      change + words, environment.map { "\($0)=\($1)" }, fileno(output), fileno(messages))
    var status: Int32 = 0
    var usage = rusage()
    while wait4(child, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw Failure(errno: errno) }
    }
    // As <sys/wait.h> has it in macros.
    wasKilled = status & 0x7F != 0
    exitCode = wasKilled ? status & 0x7F : status >> 8 & 0xFF
    peakBytes = usage.ru_maxrss * 1024
    self.output = Self.text(of: fileno(output))
    self.messages = Self.text(of: fileno(messages))
  }

  private struct Failure: Error {
    var errno: Int32
  }

  private static func start(
    _ words: [String], _ environment: [String], _ output: Int32, _ messages: Int32
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, messages, 2)
    let (arguments, variables) = (words.map { strdup($0) }, environment.map { strdup($0) })
    defer { (arguments + variables).forEach { free($0) } }
    var child: pid_t = 0
    let error = posix_spawn(
      &child, words[0], &actions, nil, arguments + [nil], variables + [nil])
    guard error == 0 else { throw Failure(errno: error) }
    return child
  }

  private static func text(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(lseek(file, 0, SEEK_END)))
    let count = pread(file, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}
