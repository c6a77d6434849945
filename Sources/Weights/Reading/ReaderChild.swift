// SPDX-License-Identifier: Apache-2.0

import Foundation
import Records

/// A running reader; it ends, and what it left behind goes, with the last use of this object.
///
/// Started with `posix_spawn`: Foundation's `Process` takes 50 ms for what this does in one.
final class ReaderChild {
  /// What the child writes to its standard output.
  let channel: FrameChannel
  private let child: pid_t
  /// Where an archive is unpacked.
  private let folder: String?

  init(_ command: [String], reading path: String, array: String?) throws(WeightError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw WeightError(file: path, rule: "cannot be read: \(String(cString: strerror(errno)))")
    }
    // No other child may hold an end open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    channel = FrameChannel(descriptor: ends[0])
    channel.widen()
    folder = try KerasArchive.isArchive(path) ? Self.makeFolder() : nil
    let started = Self.start(
      command + [path] + (array.map { [$0] } ?? []), folder: folder, output: ends[1])
    close(ends[1])
    guard let started else {
      close(ends[0])
      throw WeightError(file: path, rule: "cannot be read: \(command[0]) does not start")
    }
    child = started
  }

  deinit {
    close(channel.descriptor)
    // One that has all its bytes taken is about to end by itself.
    kill(child, SIGTERM)
    while waitpid(child, nil, 0) < 0, errno == EINTR {}
    if let folder { try? FileManager.default.removeItem(atPath: folder) }
  }

  private static func start(_ words: [String], folder: String?, output: Int32) -> pid_t? {
    var environment = ProcessInfo.processInfo.environment
    if let folder { environment["TMPDIR"] = folder }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    let arguments = words.map { strdup($0) }
    let variables = environment.map { strdup("\($0)=\($1)") }
    defer { (arguments + variables).forEach { free($0) } }
    var child: pid_t = 0
    let status = posix_spawn(
      &child, words[0], &actions, nil, arguments + [nil], variables + [nil])
    return status == 0 ? child : nil
  }

  /// A folder that only this user can enter.
  private static func makeFolder() throws(WeightError) -> String {
    let folder = FileManager.default.temporaryDirectory.appending(path: "continuum-\(UUID())")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch {
      throw WeightError(file: folder.path, rule: "cannot be made: \(SystemReason.text(of: error))")
    }
    return folder.path
  }
}
