// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The files, pipes and sockets that a process may have open (`ulimit -n`). Foundation ends the
/// program where it gets none.
enum OpenFiles {
  /// What any command takes, and what each worker of a sweep takes of its parent.
  private static let usual = 32
  private static let perWorker = 8

  /// Opens those of the three standard streams that are closed, for nothing: the next file that is
  /// opened would else be taken for one. Reading stdin and writing the others fail as before.
  static func openStandardStreams() {
    for (stream, mode) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", mode)
    }
  }

  /// Takes as many as the system lets it take.
  ///
  /// - Parameter workers: processes that are to be started.
  /// - Throws: where that is too few.
  static func require(for workers: Int = 0) throws(CommandError) {
    let needed = usual + perWorker * workers
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0 else { return }
    let allowed = limits.rlim_max
    if limits.rlim_cur < needed {
      limits.rlim_cur = min(allowed, rlim_t(needed))
      guard setrlimit(resource, &limits) == 0, allowed >= needed else {
        let jobs = workers > 1 ? "; fewer --jobs need fewer" : ""
        throw .refused(
          "\(allowed) files may be open at a time (ulimit -n), and \(needed) are needed\(jobs)")
      }
    }
    closeFiles(from: limits.rlim_cur)
  }

  /// Closes inherited files whose numbers lie beyond the limit: with one of them open, the system
  /// starts no process.
  private static func closeFiles(from limit: rlim_t) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    for file in names.compactMap({ Int32($0) }) where file >= limit { close(file) }
  }

  #if os(Linux)
    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
  #else
    private static let resource = RLIMIT_NOFILE
  #endif
}
