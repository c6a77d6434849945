import Foundation

/// Keeps two processes from doing the same run; ends with the process, however it ends.
struct FileLock {
  private let descriptor: Int32

  /// Waits until nobody else holds the lock.
  init(_ path: String) throws {
    descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o644)
    guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0 else {
      throw RunnerError("\(path): cannot be locked: \(String(cString: strerror(errno)))")
    }
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
