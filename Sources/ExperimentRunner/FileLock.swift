import Foundation

/// Keeps two processes from doing the same run; ends with the process, however it ends.
struct FileLock {
  private let descriptor: Int32

  /// Waits until nobody else holds the lock.
  ///
  /// - Parameter goesOn: asked ten times a second while another process holds it.
  /// - Returns: nil where `goesOn` said no.
  static func wait(for path: String, while goesOn: () -> Bool) throws -> FileLock? {
    while true {
      if let lock = try attempt(path) { return lock }
      guard goesOn() else { return nil }
      usleep(100_000)
    }
  }

  /// Whether nobody holds the lock of a file that is there.
  static func isFree(_ path: String) -> Bool {
    guard let lock = try? attempt(path) else { return false }
    lock.release()
    return true
  }

  /// The lock, or nil where another process holds it.
  private static func attempt(_ path: String) throws -> FileLock? {
    let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw fault(path, errno) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      close(descriptor)
      guard reason == EWOULDBLOCK || reason == EINTR else { throw fault(path, reason) }
      return nil
    }
    // The file may have been removed between the two calls; what others lock is then another one.
    guard isStillThere(descriptor, path) else {
      close(descriptor)
      return nil
    }
    return FileLock(descriptor: descriptor)
  }

  private static func isStillThere(_ descriptor: Int32, _ path: String) -> Bool {
    var (own, other) = (stat(), stat())
    guard fstat(descriptor, &own) == 0, stat(path, &other) == 0 else { return false }
    return own.st_ino == other.st_ino && own.st_dev == other.st_dev
  }

  private static func fault(_ path: String, _ reason: Int32) -> RunnerError {
    RunnerError("\(path): cannot be locked: \(String(cString: strerror(reason)))")
  }

  func release() {
    close(descriptor)
  }
}

/// A sweep that cannot go on.
public struct RunnerError: Error, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}
